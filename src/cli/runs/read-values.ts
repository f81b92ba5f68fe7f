import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { isKeyName } from '../../runs/definition/environment-entry.ts'
import { refusal } from '../../runs/definition/refuse.ts'
import { maxValuesBytes, type Value, type Values } from '../../runs/stored/values.ts'
import { exitCodes } from '../exit-codes.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'
import { type Terminal, warn } from '../terminal.ts'
import type { ValueKind } from './value-commands.ts'

/** Where values come from. */
export interface ValueOptions {
  readonly fromLiteral?: readonly string[] | undefined
  readonly fromFile?: readonly string[] | undefined
  readonly fromEnvFile?: readonly string[] | undefined
}

/** One key's value, which is read only when all that is asked for can be. */
interface Entry {
  readonly option: '--from-literal' | '--from-file' | '--from-env-file'
  readonly key: string
  read(): Promise<Value>
}

/**
 * The values that options name, each key once. No text of a value is in what is thrown.
 * @throws Problem, RemoteJobError `INVALID_ARGUMENT`
 */
export async function readValues(
  { terminal }: Session,
  { command }: ValueKind,
  { fromLiteral = [], fromFile = [], fromEnvFile = [] }: ValueOptions,
): Promise<Values> {
  const isSecret = command === 'secret'
  if (isSecret && fromLiteral.some((text) => text.includes('=')))
    warn(
      terminal,
      'a value in the command line is seen by others and kept by the shell: leave out "=VALUE", and it is asked for',
    )
  const read = (path: string): Promise<Buffer> => bytesOf(path, fromFile.concat(fromEnvFile))
  const lines = await Promise.all(fromEnvFile.map(async (path) => linesOf(path, await read(path))))
  const entries = [
    ...lines.flat(),
    ...fromFile.map((text) => fileEntry(text, read)),
    ...fromLiteral.map((text) => literalEntry(text, isSecret ? terminal : undefined)),
  ]
  checkKeys(entries)
  const values: [string, Value][] = []
  // One after the other: what is typed is typed for one at a time.
  for (const entry of entries) values.push([entry.key, await entry.read()])
  return Object.fromEntries(values)
}

function checkKeys(entries: readonly Entry[]): void {
  const keys = new Set<string>()
  for (const { option, key } of entries) {
    if (!isKeyName(key)) throw refusal(option, 'for a key of 1 to 253 letters, digits, ".", "_" and "-"', key)
    if (keys.has(key)) throw new Problem(exitCodes.usage, `The key ${key} is given twice`)
    keys.add(key)
  }
}

function literalEntry(text: string, asked: Terminal | undefined): Entry {
  const at = text.indexOf('=')
  const option = '--from-literal'
  if (at > 0) return { option, key: text.slice(0, at), read: () => Promise.resolve(text.slice(at + 1)) }
  // What has no key may be a value.
  if (at === 0 || !asked) throw new Problem(exitCodes.usage, 'Expected --from-literal to be KEY=VALUE')
  return { option, key: text, read: () => ask(asked, text) }
}

async function ask({ err }: Terminal, key: string): Promise<string> {
  if (!process.stdin.isTTY || !err.isTTY)
    throw new Problem(exitCodes.usage, `Nobody is there to type the value of ${key}: say --from-file ${key}=-`)
  const prompts = await import('@clack/prompts')
  const answer = await prompts.password({ message: `Value of ${key}`, output: err })
  if (typeof answer === 'string') return answer
  throw new Problem(exitCodes.interrupted, 'Nothing was changed')
}

function fileEntry(text: string, read: (path: string) => Promise<Buffer>): Entry {
  const at = text.indexOf('=')
  const path = text.slice(at + 1)
  if (at < 1 && path === '-') throw new Problem(exitCodes.usage, 'Standard input has no name: say --from-file KEY=-')
  const key = at === -1 ? basename(text) : text.slice(0, at)
  return { option: '--from-file', key, read: async () => textOrBytes(await read(path)) }
}

function textOrBytes(bytes: Buffer): Value {
  return isUtf8(bytes) ? bytes.toString() : bytes
}

function linesOf(path: string, bytes: Buffer): readonly Entry[] {
  if (!isUtf8(bytes)) throw new Problem(exitCodes.usage, `Expected "${path}" to be text in UTF-8`)
  const lines = bytes
    .toString()
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
  return lines.flatMap((line, index): Entry[] => {
    const text = line.trimStart()
    if (text === '' || text.startsWith('#')) return []
    const at = text.indexOf('=')
    if (at < 1) throw new Problem(exitCodes.usage, `Expected line ${index + 1} of "${path}" to be KEY=VALUE`)
    const value = text.slice(at + 1)
    return [{ option: '--from-env-file', key: text.slice(0, at), read: () => Promise.resolve(value) }]
  })
}

/** A file's bytes, or those of standard input; no more of them than shows that they are too many. */
async function bytesOf(path: string, all: readonly string[]): Promise<Buffer> {
  if (path !== '-')
    return buffer(createReadStream(path, { end: maxValuesBytes })).catch((error: unknown) => {
      // A folder is found to be one when it is read, and then nobody says which.
      throw error instanceof Error ? Object.assign(error, { path }) : error
    })
  if (all.filter((text) => /(^|=)-$/.test(text)).length > 1)
    throw new Problem(exitCodes.usage, 'Standard input can be read once: say "-" for one value')
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of process.stdin) {
    if (piece instanceof Buffer) pieces.push(piece)
    size += pieces.at(-1)?.byteLength ?? 0
    if (size > maxValuesBytes) break
  }
  return Buffer.concat(pieces)
}
