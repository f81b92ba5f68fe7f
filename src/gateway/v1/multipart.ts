import { finished, type Readable } from 'node:stream'
import busboy from 'busboy'
import { isJsonObject, type JsonObject, parseJson } from '../../protocol/json.ts'
import { Problem } from '../problem.ts'

/** What a form says of a job: its metadata, and the one file, which is read as it comes. */
export interface Form {
  readonly metadata: JsonObject
  readonly file: FormFile | undefined
}

interface FormFile {
  readonly filename: string | undefined
  readonly contentType: string
  /** Ends only when the whole form has: what breaks off, or goes on with what nobody expects, fails. */
  readonly body: AsyncIterable<Uint8Array>
}

const maxMetadataBytes = 1024 * 1024

/**
 * Reads a form as far as its file, which is left to be streamed. So the field `metadata` has to come before it.
 * @throws Problem 400 for what is no such form
 */
export async function readForm(source: Readable, contentType: string): Promise<Form> {
  const parser = parserOf(contentType)
  const { promise, resolve, reject } = Promise.withResolvers<Form>()
  let metadata: JsonObject | undefined
  let hasFile = false
  const fail = (error: Error): void => {
    reject(error)
    parser.destroy(error)
  }
  const ended = new Promise<void>((end, broken) => finished(parser, (error) => (error ? broken(error) : end())))
  ended.then(
    () => resolve({ metadata: metadata ?? {}, file: undefined }),
    (error: unknown) => reject(asRefusal(error)),
  )
  parser.on('field', (name, value, { valueTruncated }) => {
    const fault = faultOf(name, hasFile, metadata !== undefined, valueTruncated)
    const given = fault === undefined ? parseJson(value) : undefined
    if (fault !== undefined) fail(refusal(fault))
    else if (isJsonObject(given)) metadata = given
    else fail(refusal('the field `metadata` has to be an object of JSON'))
  })
  parser.on('file', (name, stream, { filename, mimeType }) => {
    stream.on('error', () => {}) // told to who reads it
    if (name !== 'body') return fail(refusal(`the one file is called \`body\`, not ${JSON.stringify(name)}`))
    if (hasFile) return fail(refusal('there is a second file `body`: send each with a request of its own'))
    hasFile = true
    const body = wholeForm(stream, ended)
    resolve({ metadata: metadata ?? {}, file: { filename: filename || undefined, contentType: mimeType, body } })
  })
  source.on('error', (error) => parser.destroy(error))
  source.on('close', () => {
    if (!source.readableEnded) parser.destroy(new Error('The request broke off'))
  })
  source.pipe(parser)
  return promise
}

async function* wholeForm(stream: Readable, ended: Promise<void>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk
    await ended
  } catch (error) {
    throw asRefusal(error)
  } finally {
    stream.destroy()
  }
}

function parserOf(contentType: string) {
  try {
    return busboy({
      headers: { 'content-type': contentType },
      defParamCharset: 'utf8',
      limits: { fields: 10, files: 10, parts: 20, fieldNameSize: 100, fieldSize: maxMetadataBytes + 1 },
    })
  } catch (cause) {
    throw new Problem(400, 'Expected a form of several parts with their boundary: multipart/form-data; boundary=…', {
      cause,
    })
  }
}

function faultOf(name: string, hasFile: boolean, hasMetadata: boolean, isCut: boolean): string | undefined {
  if (name !== 'metadata')
    return `there is no field ${JSON.stringify(name.slice(0, 100))}: it has \`metadata\` and the file \`body\``
  if (hasFile) return 'the field `metadata` has to come before the file `body`, which is streamed'
  if (hasMetadata) return 'the field `metadata` is there twice'
  return isCut ? `the field \`metadata\` has more than ${maxMetadataBytes} bytes` : undefined
}

function refusal(fault: string): Problem {
  return new Problem(400, `The form cannot be read: ${fault}`, { code: 'INVALID_ARGUMENT' })
}

function asRefusal(error: unknown): Error {
  if (error instanceof Problem) return error
  return new Problem(400, 'The form cannot be read: it breaks off, or is no multipart/form-data', { cause: error })
}
