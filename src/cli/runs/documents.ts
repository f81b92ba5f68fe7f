import { readFile, stat } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { hasCode } from '../../errors.ts'
import { parseJson } from '../../protocol/json.ts'
import { DocumentError, Place } from '../../runs/vocabularies/document.ts'
import { exitCodes } from '../exit-codes.ts'
import { Problem } from '../problem.ts'

/** Far more than all definitions of a project take. */
const mostBytes = 1024 * 1024

/** One document of a file, and what to call it when it is refused. */
export interface Source {
  readonly name: string
  readonly place: Place
}

/** The documents of a file, or of standard input. */
export async function documentsOf(file: string): Promise<readonly Source[]> {
  const name = file === '-' ? 'standard input' : file
  const { size } = file === '-' ? { size: 0 } : await stat(file)
  const bytes = size > mostBytes ? undefined : file === '-' ? await buffer(process.stdin) : await readFile(file)
  if (!bytes || bytes.length > mostBytes)
    throw new Problem(exitCodes.usage, `${name} has more than ${mostBytes} bytes, which no descriptions of jobs take`)
  return parseDocuments(name, bytes.toString())
}

/**
 * The documents of a text in JSON or YAML.
 * @throws Problem that names the line which is neither
 */
export async function parseDocuments(name: string, text: string): Promise<readonly Source[]> {
  const json = parseJson(text)
  if (json !== undefined) return [{ name, place: new Place(json) }]
  const { parseAllDocuments } = await import('yaml')
  // JSON with comments and commas at its end, as in the documentation of SlimFaas, is YAML too.
  const documents = reading(name, () => [...parseAllDocuments(text)])
  const sources = documents.flatMap((document, index) => {
    const [error] = document.errors
    if (error) throw new Problem(exitCodes.usage, `${name} is neither JSON nor YAML: ${error.message.split(/:?\n/)[0]}`)
    const value = reading(name, (): unknown => document.toJS({ maxAliasCount: 100 }))
    if (value === null || value === undefined) return []
    return [{ name: documents.length > 1 ? `${name}, document ${index + 1}` : name, place: new Place(value) }]
  })
  if (sources.length === 0) throw new Problem(exitCodes.usage, `${name} is empty: nothing is described in it`)
  return sources
}

/** What is nested too deeply, or refers to itself too often, makes the parser throw. */
function reading<Result>(name: string, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    throw new Problem(
      exitCodes.usage,
      `${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

/** Reads a document, whose refusals then name it. */
export async function readSource<Result>({ name }: Source, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof DocumentError || hasCode(error, 'INVALID_ARGUMENT'))
      throw new Problem(exitCodes.usage, `${name}: ${error.message}`, { cause: error })
    throw error
  }
}
