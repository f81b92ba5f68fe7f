import { createRequire } from 'node:module'

const load: (name: 'mime') => typeof import('mime') = createRequire(import.meta.url)

/**
 * The media type that a filename's ending stands for. (The table would take a name without one, `log` say, for an ending.) The table is
 * loaded for the first name: it takes as long as the rest of the package together.
 */
export function mediaOf(filename: string | undefined): string | undefined {
  return filename?.includes('.') ? (load('mime').default.getType(filename) ?? undefined) : undefined
}
