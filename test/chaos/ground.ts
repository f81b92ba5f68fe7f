import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { awsBackend } from '../../src/aws/backend.ts'
import type { Backend } from '../../src/backend.ts'
import { localBackend } from '../../src/local.ts'
import { startEmulator } from '../servers/emulator.ts'
import type { Random } from './random.ts'
import { Weather } from './weather.ts'

/** Where a run takes place. */
export interface Ground extends AsyncDisposable {
  readonly backend: () => Backend
  /** What worker processes need to know to find it. */
  readonly config: object
  worsen(): void
  clear(): Promise<Pick<Weather, 'counts' | 'misdeeds'>>
}

export async function onAws(random: Random, name: string): Promise<Ground> {
  const emulator = await startEmulator()
  let weather: Weather | undefined
  return {
    backend: () => awsBackend(emulator.options),
    config: { endpoint: emulator.endpoint },
    worsen: () => (weather = new Weather(random, emulator, `${name}-pending`)),
    async clear() {
      await weather?.clear()
      return weather ?? { counts: {}, misdeeds: [] }
    },
    [Symbol.asyncDispose]: () => emulator.close(),
  }
}

/** No network, so no weather: workers die, that is all. */
export async function onLocal(): Promise<Ground> {
  const directory = await mkdtemp(join(tmpdir(), 'remotejob-chaos-'))
  return {
    backend: () => localBackend({ directory, fsync: false }),
    config: { directory },
    worsen: () => {},
    clear: () => Promise.resolve({ counts: {}, misdeeds: [] }),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}
