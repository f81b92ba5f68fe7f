import { checkOwnId } from '../../protocol/id.ts'
import { isRemoteJobError } from '../../errors.ts'
import { Problem } from '../problem.ts'
import { Base64Error, fromBase64 } from './base64.ts'
import { JsonReader, type JsonValueReader } from './json-reader.ts'

/** What jobd is sent. */
export interface Upload {
  /** `undefined` where one is to be made. */
  readonly id: string | undefined
  /** What `store` said of the input. */
  readonly key: string
  readonly slurml: boolean
}

/**
 * Reads `{"id":"…","input":"…","slurml":false}`, with names in any case, and lets the input be stored while it comes. What has other
 * names is passed over.
 * @throws Problem 400 with jobd's words; what `store` throws
 */
export async function readUpload(
  source: AsyncIterable<unknown>,
  store: (zip: AsyncIterable<Uint8Array>) => Promise<string>,
): Promise<Upload> {
  let id: string | undefined
  let key: string | undefined
  let slurml = false
  try {
    for await (const [name, value] of new JsonReader(source).members()) {
      const known = name.toLowerCase()
      if (known === 'id') id = await readId(value)
      else if (known === 'slurml') slurml = readFlag(value)
      else if (known === 'input' && !value.isNull) {
        if (key !== undefined) throw unreadable('it has more than one input')
        key = await store(readInput(value))
      }
    }
  } catch (error) {
    throw error instanceof SyntaxError ? unreadable(error.message, error) : error
  }
  if (key === undefined) throw invalid('job input is required')
  return { id, key, slurml }
}

async function readId(value: JsonValueReader): Promise<string | undefined> {
  if (value.isNull) return undefined
  if (!value.isText) throw unreadable('the id is no text')
  const id = await value.text(200)
  if (id === '') return undefined
  try {
    checkOwnId(id)
    return id
  } catch (error) {
    throw isRemoteJobError(error) ? invalid(error.message) : error
  }
}

function readFlag(value: JsonValueReader): boolean {
  if (value.isNull) return false
  const { boolean } = value
  if (boolean === undefined) throw unreadable('slurml is neither true nor false')
  return boolean
}

/** The zip: not empty, since nothing is no zip. */
async function* readInput(value: JsonValueReader): AsyncGenerator<Uint8Array, void, undefined> {
  if (!value.isText) throw unreadable('the input is no text')
  let isEmpty = true
  try {
    for await (const bytes of fromBase64(value.pieces())) {
      isEmpty = false
      yield bytes
    }
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable(error.message, error)
    throw error instanceof Base64Error ? unreadable(`the input: ${error.message}`, error) : error
  }
  if (isEmpty) throw invalid('job input is required')
}

function unreadable(why: string, cause?: unknown): Problem {
  return new Problem(400, `error reading job from request: ${why}`, { cause })
}

function invalid(why: string): Problem {
  return new Problem(400, `error validating job ${why}`)
}
