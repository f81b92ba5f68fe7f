/** Only there to resolve against; no page leads to it. */
const here = 'http://gateway.invalid'

/**
 * A path of the gateway's own page, with its query, as a browser will understand it; `undefined` for whatever leads elsewhere. What
 * came with the path was written by others, who may want people to log in and be led to a place of theirs.
 * @param start where the gateway's start is, with a slash at its end
 */
export function ownPage(asked: string | undefined, start: string): string | undefined {
  if (asked === undefined || asked.length > 2000 || !URL.canParse(asked, here)) return undefined
  const { origin, pathname, search, searchParams } = new URL(asked, here)
  // Looked at once all dots are resolved: `/ui/..//elsewhere` would be another host.
  if (origin !== here || !(pathname === start || pathname.startsWith(`${start}ui/`))) return undefined
  if (!searchParams.has('login')) return pathname + search
  searchParams.delete('login')
  return searchParams.size === 0 ? pathname : `${pathname}?${searchParams.toString()}`
}

/** The same page, which then says that the token was not the right one. */
export function refusedAt(page: string): string {
  return `${page}${page.includes('?') ? '&' : '?'}login=refused`
}
