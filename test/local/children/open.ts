import type { MessageQueue, OpenBackend } from '../../../src/backend.ts'
// Built, since Node 22 does not know `using`.
import { localBackend } from 'remotejob/local'
import { placeNamed } from '../place.ts'

/** The place named `test` in the directory that is the first argument. */
export async function openTest(): Promise<OpenBackend & { readonly pending: MessageQueue }> {
  const [directory = ''] = process.argv.slice(2)
  const opened = localBackend({ directory }).open(placeNamed('test'))
  await opened.ready()
  return Object.assign(opened, { pending: opened.queue('test-pending') })
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
