import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A file that browsers fetch once: another content has another URL. */
export interface StaticFile {
  readonly path: string
  readonly contentType: string
  readonly content: string
}

// The build puts the contents in the place of these two calls.
const scriptText = readFileSync(new URL('./browser/page.js', import.meta.url), 'utf8')
const styleText = readFileSync(new URL('./browser/page.css', import.meta.url), 'utf8')

/** Two jobs on their way round. */
const iconText = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#2f5d8a"/><path d="M8 12h13m-4-4 4 4-4 4M24 20H11m4-4-4 4 4 4" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"/></svg>`

export const script: StaticFile = staticFile('js', 'text/javascript', scriptText)
export const style: StaticFile = staticFile('css', 'text/css', styleText)
export const icon: StaticFile = staticFile('svg', 'image/svg+xml', iconText)

function staticFile(ending: string, contentType: string, content: string): StaticFile {
  const path = `ui/static/page.${hash('sha256', content, 'hex').slice(0, 16)}.${ending}`
  return { path, contentType: `${contentType}; charset=utf-8`, content }
}
