import { finished, type Readable } from 'node:stream'
import busboy from 'busboy'
import { Problem } from '../problem.ts'

/** What is done with the parts of a form, in their order. */
export interface PartsReader {
  field(name: string, value: string): void
  /** Reads a file to its end. */
  file(name: string, filename: string | undefined, stream: Readable): Promise<void>
}

/** Files of one form, at most: they become entries of one zip. */
const maxFiles = 10_000

/**
 * Reads a form (`multipart/form-data`) as it comes: a file is read before what is behind it, at the pace at which it is taken.
 * @param stop ends the reading with its reason
 * @throws Problem 400 for what is no form, or breaks off; what `reader` throws
 */
export async function readParts(
  source: Readable,
  contentType: string,
  reader: PartsReader,
  stop: AbortSignal,
): Promise<void> {
  const parser = parserOf(contentType)
  let work = Promise.resolve()
  const fail = (error: Error): void => void parser.destroy(error)
  const end = (): void => fail(asError(stop.reason))
  const next = (step: () => Promise<void> | void): void => {
    work = work.then(step)
    work.catch((error: unknown) => fail(asError(error)))
  }
  parser.on('field', (name, value, { nameTruncated, valueTruncated }) =>
    next(() => {
      if (nameTruncated || valueTruncated) throw new Problem(400, 'A field of the form is too long')
      reader.field(name, value)
    }),
  )
  parser.on('file', (name, stream, { filename }) => {
    stream.on('error', () => {}) // told to who reads it
    next(() => reader.file(name, filename, stream))
  })
  for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const)
    parser.on(limit, () => fail(new Problem(400, `The form has more than ${maxFiles} files, or 20 fields`)))
  const parsed = new Promise<void>((done, broken) => finished(parser, (error) => (error ? broken(error) : done())))
  source.on('error', fail)
  source.on('close', () => {
    if (!source.readableEnded) fail(new Error('The request broke off'))
  })
  stop.addEventListener('abort', end, { once: true })
  if (stop.aborted) end()
  source.pipe(parser)
  try {
    await parsed
    await work
  } catch (error) {
    await work.catch(() => {})
    throw error instanceof Problem || stop.aborted ? error : broken(error)
  } finally {
    stop.removeEventListener('abort', end)
    source.unpipe(parser)
  }
}

function parserOf(contentType: string) {
  try {
    const limits = { fields: 20, files: maxFiles, parts: maxFiles + 20, fieldNameSize: 100, fieldSize: 10_000 }
    return busboy({ headers: { 'content-type': contentType }, defParamCharset: 'utf8', limits })
  } catch (cause) {
    throw new Problem(400, 'Expected a form with its boundary: multipart/form-data; boundary=…', { cause })
  }
}

function broken(cause: unknown): Problem {
  return new Problem(400, 'The form cannot be read: it breaks off, or is no multipart/form-data', { cause })
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
