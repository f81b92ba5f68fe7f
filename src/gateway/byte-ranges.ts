/** What a `Range` header asks for of so many bytes: a part, nothing that is there, or (one that makes no sense) all. */
export type Part = { readonly start: number; readonly end: number } | 'unsatisfiable' | 'all'

/**
 * Reads a `Range` header. One range is served; several are answered with all, as RFC 9110 lets a server do, since parts of
 * `multipart/byteranges` are many times the bytes for who asks for many overlapping ones.
 */
export function partOf(header: string | undefined, size: number): Part {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header?.trim() ?? '') ?? []
  if (first === '' && last === '') return 'all'
  if (first === '') {
    const start = Math.max(0, size - Number(last))
    return start < size ? { start, end: size - 1 } : 'unsatisfiable'
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(size - 1, Number(last))
  if (last !== '' && Number(last) < start) return 'all'
  return start < size ? { start, end } : 'unsatisfiable'
}
