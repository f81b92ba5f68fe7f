import type { Cancellable } from '../backend.ts'
import type { Workspace } from './workspace.ts'

/** All objects whose keys begin with `prefix`, or those behind the key `after`: the rest of each key, when it was written, and its bytes. */
export async function* objectsBelow(
  w: Workspace,
  prefix: string,
  { after: start, signal }: Cancellable & { readonly after?: string | undefined },
): AsyncGenerator<readonly [rest: string, modified: Date, size: number]> {
  for (let after = start, more = true; more;) {
    const page = await w.objects.list(prefix, { after, signal })
    for (const { key, lastModified, size } of page.objects) yield [key.slice(prefix.length), lastModified, size]
    after = page.objects.at(-1)?.key
    more = page.more && after !== undefined
  }
}
