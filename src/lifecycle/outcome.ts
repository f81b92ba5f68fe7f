import { isNativeError } from 'node:util/types'
import { type Body, type Content, contentFrom, isBody } from '../body.ts'
import { RemoteJobError } from '../errors.ts'
import { isPlain, jsonFrom, type JsonValue } from '../protocol/json.ts'
import { checkKey } from '../protocol/keys.ts'
import { show } from '../protocol/names.ts'
import { mediaOf } from './media-of.ts'

/** A file that a job hands back. */
export interface Asset {
  /** Its name among the job's assets, like a key: `/` makes folders. @default 'output' */
  readonly key?: string | undefined
  /** The name that people save it under. */
  readonly filename?: string | undefined
  /** Media type. @default by the ending of `filename`, else of `key` */
  readonly contentType?: string | undefined
  readonly body: Body
}

/** Files a job hands back: one, several, or several by name. */
export type Assets = Asset | readonly Asset[] | { readonly [name: string]: Asset | Body }

/** All that a job can hand back: files, and a JSON value that rides in its result. */
export interface Returned {
  readonly value?: unknown
  readonly assets?: Assets | null | undefined
}

/** An asset taken apart and checked. */
export interface NamedContent {
  readonly name: string
  readonly filename: string | undefined
  readonly contentType: string | undefined
  readonly content: Content
}

/** What a job handed back, taken apart and checked. */
export interface Yield {
  readonly value: JsonValue | undefined
  readonly assets: readonly NamedContent[]
}

/**
 * What a user handed back, as one thing: an object with `body` is one asset, one with `value` or `assets` is a result, an array
 * or any other object is assets.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function yieldFrom(given: unknown): Yield {
  if (isRecord(given) && !('body' in given) && ('value' in given || 'assets' in given)) {
    checkMembers(given, ['value', 'assets'], 'a result')
    const value = given['value'] === undefined ? undefined : jsonFrom(given['value'], 'value')
    return { value, assets: assetsFrom(given['assets']) }
  }
  return { value: undefined, assets: assetsFrom(given) }
}

/** Whether the first argument of `complete` is an error: an Error, or (as remotejob 2 took it) a text with assets behind it. */
export function isFailure(first: unknown, count: number): boolean {
  return first instanceof Error || isNativeError(first) || (count > 1 && typeof first === 'string')
}

/**
 * Of `complete(assets)` and `complete(null, assets)`, the assets.
 * @throws RemoteJobError `INVALID_ARGUMENT` when both are given
 */
export function onlyOne(first: unknown, second: unknown): unknown {
  if (first === undefined || first === null || second === undefined) return first ?? second
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected complete(assets), complete(null, assets) or complete(error, assets), but the first is ${show(first)}`,
  )
}

function assetsFrom(given: unknown): readonly NamedContent[] {
  const assets = listFrom(given)
  const names = assets.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return assets
  throw refusal(`two assets are called ${show(twice)}; give each a \`key\` of its own`)
}

function listFrom(given: unknown): readonly NamedContent[] {
  if (given === undefined || given === null) return []
  if (typeof given === 'string')
    throw refusal(`a string alone could be an error or a file; send { body: ${show(given)} } or an Error`)
  if (Array.isArray(given)) return given.map((asset: unknown, index) => assetFrom(asset, `assets[${index}]`))
  if (isBody(given)) return [assetFrom({ body: given }, 'assets')]
  if (!isRecord(given)) throw refusal(`they are ${show(given)}`)
  if ('body' in given) return [assetFrom(given, 'assets')]
  checkNames(given)
  // A Promise that nobody awaited, or a Map, would be a job that hands back nothing.
  if (!isPlain(given)) throw refusal(`they are ${show(given)}`)
  return Object.entries(given)
    .filter(([, asset]) => asset !== undefined)
    .map(([name, asset]) =>
      assetFrom(isRecord(asset) && 'body' in asset ? asset : { body: asset }, `assets.${name}`, name),
    )
}

function assetFrom(asset: unknown, place: string, given?: string): NamedContent {
  if (!isRecord(asset) || !('body' in asset)) throw refusal(`\`${place}\` has no \`body\``)
  checkMembers(asset, ['key', 'filename', 'contentType', 'body'], 'an asset')
  const name = given ?? asset['key'] ?? 'output'
  checkKey(name, given === undefined ? `${place}.key` : place)
  if (Buffer.byteLength(name) > 512) throw refusal(`the name ${show(name)} has more than 512 bytes`)
  const filename = textOf(asset, 'filename', place)
  const said = textOf(asset, 'contentType', place)
  const content = contentFrom(asset['body'], `${place}.body`)
  return {
    name,
    content,
    filename: filename ?? content.filename,
    contentType: said ?? content.contentType ?? mediaOf(filename ?? name),
  }
}

/** What would be lost without a word is refused. */
function checkMembers(given: Record<string, unknown>, known: readonly string[], what: string): void {
  const stranger = Object.keys(given).find((name) => !known.includes(name))
  if (stranger === undefined) return
  throw refusal(
    `${what} has ${known.map((name) => `\`${name}\``).join(', ')} and nothing else, not ${show(stranger)}; put files into \`assets\``,
  )
}

/** An object of assets by name that is rather a forgotten `body`, or an error. */
function checkNames(given: Record<string, unknown>): void {
  const isText = (name: string): boolean => typeof given[name] === 'string'
  if (isText('message') && (isText('name') || isText('stack')))
    throw refusal('they look like an error: give it to fail(error)')
  const forgotten = ['filename', 'contentType'].find(isText)
  if (forgotten !== undefined) throw refusal(`there is a \`${forgotten}\` and no \`body\``)
}

function textOf(asset: Record<string, unknown>, member: string, place: string): string | undefined {
  const value = asset[member]
  if (value === undefined || (typeof value === 'string' && !/[\p{Cc}]/u.test(value))) return value
  throw refusal(`\`${place}.${member}\` is ${show(value)}, not a text without control characters`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function refusal(why: string): RemoteJobError {
  return new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected assets to be { key?, filename?, contentType?, body }, an array or an object of them, but ${why}`,
  )
}
