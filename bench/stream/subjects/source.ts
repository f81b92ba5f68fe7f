import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { generated } from '../data.ts'
import type { Task } from '../task.ts'

/** The stream to send: a file's, or made up on the way. */
export const source = ({ from, size }: Task): Readable =>
  from === undefined ? generated(size) : createReadStream(from)
