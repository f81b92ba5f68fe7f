import { Readable } from 'node:stream'
import { isJsonObject, parseJson } from '../../protocol/json.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { JsonReader } from './json-reader.ts'
import type { SlurmlSettings } from './jobd-options.ts'

/** What Slurml says of a job. What it has made is a stream, to be read before the next call. */
export type SlurmlAnswer =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'partial' | 'done'; readonly output: AsyncGenerator<Uint8Array, void, undefined> }
  | { readonly kind: 'failed'; readonly message: string }

/** Statuses of something between, or of a Slurml that is busy: they say nothing of the job. */
const passing: readonly number[] = [408, 425, 429, 502, 503, 504]

/** Slurml did not take a job, or says nothing of one. No message of it has the token, or what Slurml said. */
export class SlurmlError extends Error {
  override readonly name = 'SlurmlError'
  readonly code = 'SLURML_REFUSED'
  /** Whether it would say the same to another try. */
  readonly isFinal: boolean

  /** @param status what it answered with; `undefined` where there was no answer */
  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options)
    this.isFinal = status !== undefined && status < 500 && !passing.includes(status)
  }
}

/** Seconds that one call may take, with all that it sends. */
const callSeconds = 600
/** The two calls of Slurml's API. */
export class SlurmlClient {
  readonly #settings: SlurmlSettings

  constructor(settings: SlurmlSettings) {
    this.#settings = settings
  }

  /** Hands a zip over, and resolves Slurml's number for it. @throws SlurmlError */
  async submit(zip: AsyncIterable<unknown>, signal: AbortSignal): Promise<number> {
    const answer = await this.#call('submit', signal, Readable.from(payloadOf(zip)))
    if (answer.status !== 201) {
      await answer.body?.cancel()
      throw new SlurmlError(`Slurml did not take the job: it answered ${answer.status}`, answer.status)
    }
    const said = parseJson((await textOf(answer)).slice(0, 10_000))
    const number = isJsonObject(said) ? said['jobid'] : undefined
    if (typeof number === 'number' && Number.isSafeInteger(number)) return number
    throw new SlurmlError('Slurml took the job and did not say its number', answer.status)
  }

  /** How a job is. @throws SlurmlError where that cannot be known now */
  async ask(slurmId: number, signal: AbortSignal): Promise<SlurmlAnswer> {
    const answer = await this.#call(`download/${slurmId}`, signal)
    const { status, body } = answer
    if ((status === 200 || status === 206) && body)
      return { kind: status === 200 ? 'done' : 'partial', output: outputIn(Readable.fromWeb(body)) }
    await body?.cancel()
    if (status === 204) return { kind: 'waiting' }
    if (passing.includes(status)) throw new SlurmlError(`Slurml cannot be asked now: it answered ${status}`, status)
    return { kind: 'failed', message: `Slurml says that the job failed: it answered ${status}` }
  }

  async #call(path: string, signal: AbortSignal, body?: Readable): Promise<Response> {
    const { url, token } = this.#settings
    const headers = {
      ...(body ? { 'Content-Type': 'application/json' } : {}),
      ...(token === undefined ? {} : { Authorization: token }),
    }
    const late = AbortSignal.any([signal, AbortSignal.timeout(callSeconds * 1000)])
    try {
      // The token is for that address alone, and not for one that it leads to.
      const how = { headers, redirect: 'error', signal: late } as const
      const sent = body ? { ...how, method: 'POST', body, duplex: 'half' as const } : how
      return await fetch(`${url}/api/${path}`, sent)
    } catch (cause) {
      signal.throwIfAborted()
      throw new SlurmlError('Slurml cannot be reached', undefined, { cause })
    }
  }
}

async function* payloadOf(zip: AsyncIterable<unknown>): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from('{"payload":"')
  yield* toBase64(zip)
  yield Buffer.from('"}')
}

/** The bytes of `{"output":"…"}`. What comes behind it is read, too, so that one that breaks off is known. */
async function* outputIn(source: Readable): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const [name, value] of new JsonReader(source).members())
    if (name.toLowerCase() === 'output' && value.isText) yield* fromBase64(value.pieces())
}

async function textOf(answer: Response): Promise<string> {
  try {
    return await answer.text()
  } catch (cause) {
    throw new SlurmlError('Slurml broke off its answer', undefined, { cause })
  }
}
