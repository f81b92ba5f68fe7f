import { refusal } from './refuse.ts'
import type { JobDefinition } from './job-definition.ts'

/** IBM Code Engine's pairs: the sizes of memory, in G, that go with each number of processors. */
const pairs: ReadonlyMap<number, readonly number[]> = new Map([
  [0.125, [0.25, 0.5, 1]],
  [0.25, [0.5, 1, 2]],
  [0.5, [1, 2, 4]],
  [1, [2, 4, 8]],
  [2, [4, 8, 16]],
  [4, [8, 16, 32]],
  [6, [12, 24, 48]],
  [8, [16, 32]],
  [10, [20, 40]],
  [12, [24, 48]],
])

/**
 * Bytes of a size such as `500M` or `0.5G`; M and G are powers of ten.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function parseSize(text: string, place: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)([MG])$/.exec(text.trim())
  const bytes = Math.round(Number(match?.[1]) * (match?.[2] === 'G' ? 1e9 : 1e6))
  if (match && bytes > 0) return bytes
  throw refusal(place, 'a size such as 500M or 4G', text)
}

/** A size as {@link parseSize} reads it. */
export function formatSize(bytes: number): string {
  return bytes % 1e9 === 0 ? `${bytes / 1e9}G` : `${bytes / 1e6}M`
}

/**
 * Processors: `0.5`, or `500m` for thousandths.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function parseCpu(text: string, place: string): number {
  const match = /^(\d{1,5}(?:\.\d{1,6})?)(m?)$/.exec(text.trim())
  const cpu = Number(match?.[1]) / (match?.[2] === 'm' ? 1000 : 1)
  if (match && cpu > 0) return cpu
  throw refusal(place, 'a number of processors such as 1, 0.25 or 250m', text)
}

/** @throws RemoteJobError `INVALID_ARGUMENT` for what no instance can have */
export function checkAmounts({ cpu, memory }: Pick<JobDefinition, 'cpu' | 'memory'>): void {
  if (!(cpu > 0 && cpu <= 1024)) throw refusal('cpu', 'a number of processors above 0, 1024 at most', cpu)
  if (!Number.isSafeInteger(memory) || memory < 1) throw refusal('memory', 'a number of bytes from 1', memory)
}

/**
 * Whether processors and memory go together, and the storage is no more than the memory.
 * @throws RemoteJobError `INVALID_ARGUMENT` that names the sizes that would do
 */
export function checkPair({
  cpu,
  memory,
  ephemeralStorage,
}: Pick<JobDefinition, 'cpu' | 'memory' | 'ephemeralStorage'>): void {
  const sizes = pairs.get(cpu)
  if (!sizes) throw refusal('cpu', `one of ${[...pairs.keys()].join(', ')}`, cpu)
  if (!sizes.some((size) => size * 1e9 === memory))
    throw refusal(
      'memory',
      `one of ${sizes.map((size) => formatSize(size * 1e9)).join(', ')} with ${cpu} cpu`,
      formatSize(memory),
    )
  if (ephemeralStorage > memory)
    throw refusal('ephemeralStorage', `no more than the memory, ${formatSize(memory)}`, formatSize(ephemeralStorage))
}
