import type { Assets } from './outcome.ts'

/** Files that an error of a handler brings along: kept when the job fails for good. A symbol, since other errors may have any member. */
export const attachments: unique symbol = Symbol.for('remotejob.attachments')

/** An error with files. */
export interface Attaching {
  readonly [attachments]: Assets
}

/** The files that an error brings along, if it does. */
export function attachedTo(error: unknown): Assets | undefined {
  return isAttaching(error) ? error[attachments] : undefined
}

/** Lets go of what a handler returned or threw, such as the folder of its files, once nobody needs it any more. */
export async function letGoOf(value: unknown): Promise<void> {
  if (isDisposable(value)) await value[Symbol.asyncDispose]()
}

function isAttaching(value: unknown): value is Attaching {
  return typeof value === 'object' && value !== null && attachments in value
}

function isDisposable(value: unknown): value is AsyncDisposable {
  return typeof value === 'object' && value !== null && Symbol.asyncDispose in value && !(Symbol.asyncIterator in value)
}
