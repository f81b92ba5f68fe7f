import { basename } from 'node:path'
import type { Job } from '../../job.ts'

/** Longest text of one variable: Linux takes 128 KiB, with its name and the NUL behind it (MAX_ARG_STRLEN, execve(2)). */
const maxVariableBytes = 120 * 1024
/** Most of the metadata's variables together: the arguments and the environment share a limit, mostly 2 MiB. */
const maxVariablesBytes = 512 * 1024

/** Where a job's files are. */
export interface Paths {
  /** All of them, and room for what the program needs meanwhile. */
  readonly folder: string
  readonly input: string
  readonly output: string
  /** The metadata as JSON, whatever its size. */
  readonly metadata: string
  /** What mounted folders with relative names are below, if there are any. */
  readonly mounts?: string | undefined
}

/**
 * What a program is told of its job, on top of the worker's own environment. A value that cannot be in an environment (too large, or
 * with a NUL in it) is left out; the file has it.
 */
export function jobEnvironment(
  queue: string,
  job: Job<unknown>,
  { folder, input, output, metadata, mounts }: Paths,
): Record<string, string> {
  const variables = {
    JOB_ID: job.id,
    JOB_QUEUE: queue,
    JOB_ATTEMPT: String(job.attempt),
    JOB_ATTEMPTS: String(job.attempts),
    // As the input's file is called: never a path that a script would follow out of a folder.
    JOB_FILENAME: job.filename === undefined ? undefined : basename(input),
    JOB_CONTENT_TYPE: job.contentType,
    JOB_DIR: folder,
    JOB_INPUT: input,
    JOB_OUTPUT_DIR: output,
    JOB_METADATA_FILE: metadata,
    JOB_MOUNTS_DIR: mounts,
    JOB_METADATA: JSON.stringify(job.metadata ?? {}),
    ...metadataVariables(job.metadata),
  }
  return Object.fromEntries(
    Object.entries(variables).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && fitsVariable(entry[1]),
    ),
  )
}

/** `JOB_META_<NAME>` for each member of the metadata: texts as they are, all else as JSON. Of two with one name the first counts. */
function metadataVariables(metadata: unknown): Record<string, string> {
  const variables = new Map<string, string>()
  let room = maxVariablesBytes
  for (const [name, value] of Object.entries(typeof metadata === 'object' && metadata !== null ? metadata : {})) {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    const variable = `JOB_META_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`
    const bytes = Buffer.byteLength(variable) + Buffer.byteLength(text)
    if (variables.has(variable) || !fitsVariable(text) || Buffer.byteLength(variable) > 256 || bytes > room) continue
    variables.set(variable, text)
    room -= bytes
  }
  return Object.fromEntries(variables)
}

/** Whether a variable can have that text as its value. */
export function fitsVariable(text: string): boolean {
  return !text.includes('\0') && Buffer.byteLength(text) <= maxVariableBytes
}
