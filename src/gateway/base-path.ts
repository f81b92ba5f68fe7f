import { getPath } from 'hono/utils/url'
import { RemoteJobError } from '../errors.ts'

/** One that needs no escapes, so that it is the same text in a request, a link and a configuration. */
const form = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/

/**
 * The path that a gateway is mounted at; without one, nothing.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function checkedBasePath(basePath: string | undefined): string {
  if (basePath === undefined || form.test(basePath)) return basePath ?? ''
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`basePath\` to be a path such as /jobs, of letters, digits and -._~ and without a slash at its end, got ${JSON.stringify(basePath)}`,
  )
}

/** What routes are chosen by: the path of a request below that one. Elsewhere there are none. */
export function pathBelow(basePath: string): (request: Request) => string {
  if (basePath === '') return getPath
  return (request) => {
    const path = getPath(request)
    if (path === basePath) return '/'
    return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : nowhere
  }
}

/** A path that no route has. */
const nowhere = ''
