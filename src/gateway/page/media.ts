/** What browsers show of a file by themselves. */
export type Kind = 'image' | 'video' | 'audio' | 'pdf' | 'json' | 'text' | 'other'

/** What any browser has a viewer for. */
const viewed =
  /^(image\/(png|jpeg|gif|webp|avif)|(video|audio)\/(mp4|webm|ogg|mpeg|wav|x-wav|flac|aac|quicktime)|application\/pdf)$/

/** The type without its parameters, in lower case. */
function essence(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** How a file can be looked at. */
export function kindOf(contentType: string | undefined): Kind {
  const type = essence(contentType)
  if (type === 'image/svg+xml') return 'image'
  if (viewed.test(type))
    return type === 'application/pdf' ? 'pdf' : (kinds.find((kind) => type.startsWith(`${kind}/`)) ?? 'other')
  if (/^application\/(json|[\w.+-]+\+json)$/.test(type)) return 'json'
  return /^(text\/[\w.+-]+|application\/(x-ndjson|xml|yaml|x-yaml|toml|x-sh|javascript|[\w.+-]+\+xml))$/.test(type)
    ? 'text'
    : 'other'
}

const kinds = ['image', 'video', 'audio'] as const
