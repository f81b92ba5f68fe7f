import type { Cancellable } from '../../backend.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { runsPrefix } from './run-keys.ts'

/** Where a list of names begins. */
interface ListNamesOptions extends Cancellable {
  /** The name behind which it does. @default all names */
  readonly after?: string | undefined
}

/** The names of all runs. What is below each is jumped over: its thousand states are not paged through. */
export async function* runNames(w: Workspace, { after: name, signal }: ListNamesOptions = {}): AsyncGenerator<string> {
  let after = name === undefined ? undefined : behindRun(name)
  for (let more = true; more;) {
    const page = await w.objects.list(runsPrefix, { after, signal })
    const last = page.objects.at(-1)?.key
    for (const { key } of page.objects) {
      const name = /^([^/]+)\.json$/.exec(key.slice(runsPrefix.length))?.[1]
      if (name !== undefined) yield name
    }
    after = behindFolder(last)
    more = page.more && last !== undefined
  }
}

/** Where the names after that one begin: its folder is below `/`, and `0` comes next. */
export const behindRun = (name: string): string => `${runsPrefix}${name}0`

/** Where the page after that key begins: `0` comes after `/`, so it is behind the folder in which the page before ended. */
export function behindFolder(last: string | undefined): string | undefined {
  const folder = /^[^/]+\/[^/]+(?=\/)/.exec(last ?? '')?.[0]
  return folder === undefined ? last : `${folder}0`
}
