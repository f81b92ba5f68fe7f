import { html } from 'hono/html'
import { hasCode } from '../../errors.ts'
import type { StoredObject } from '../../lifecycle/stored-object.ts'
import { parseJson } from '../../protocol/json.ts'
import { jsonView, textView } from './json-view.ts'
import type { Markup } from './markup.ts'
import { kindOf } from './media.ts'
import { filePath } from './paths.ts'
import { bytesText } from './quantities.ts'
import { readable } from './readable.ts'

/** Bytes of a text that are shown. */
const shownBytes = 48 * 1024
/** Files with a preview; the others are links. */
const mostPreviews = 12

/** The files that a job handed back, each with what a browser can show of it. */
export async function assetViews(
  queue: string,
  id: string,
  assets: Readonly<Record<string, StoredObject>>,
): Promise<Markup | ''> {
  const all = Object.entries(assets)
  if (all.length === 0) return ''
  const shown = all.slice(0, 200)
  const views = await Promise.all(
    shown.map(([name, file], index) => fileView({ queue, id, name, file, hasPreview: index < mostPreviews })),
  )
  return html`<section aria-labelledby="assets">
    <h2 id="assets">Assets</h2>
    ${shown.length < all.length ? html`<p>The first ${shown.length} of ${all.length}.</p>` : ''}
    <ul class="files">
      ${views.map((view) => html`<li>${view}</li>`)}
    </ul>
  </section>`
}

/** A file of a job. */
export interface JobFile {
  readonly queue: string
  readonly id: string
  /** Its name among the assets; the input has none. */
  readonly name: string | undefined
  readonly file: StoredObject
  readonly hasPreview: boolean
}

/** One file: its name, type and size, a link, and a preview. */
export async function fileView(of: JobFile): Promise<Markup> {
  const { queue, id, name, file, hasPreview } = of
  const path = filePath(queue, id, name)
  const called = readable(file.filename ?? name ?? 'input', 120)
  return html`<figure class="file">
    ${hasPreview ? await preview(of, `${path}?disposition=inline`, called) : ''}
    <figcaption>
      <a href="${path}" download><bdi>${called}</bdi></a>
      <span class="about">${readable(file.contentType ?? 'unknown type', 80)}, ${bytesText(file.size)}</span>
    </figcaption>
  </figure>`
}

async function preview({ file }: JobFile, path: string, called: string): Promise<Markup | ''> {
  const kind = kindOf(file.contentType)
  switch (kind) {
    case 'image':
      return html`<a href="${path}" class="picture"><img src="${path}" alt="Preview of ${called}" loading="lazy" /></a>`
    case 'video':
      return html`<video controls preload="metadata" src="${path}" aria-label="${called}"></video>`
    case 'audio':
      return html`<audio controls preload="metadata" src="${path}" aria-label="${called}"></audio>`
    case 'pdf':
      return html`<p><a href="${path}" target="_blank" rel="noopener">Open the PDF</a></p>`
    case 'json':
    case 'text':
      return textPreview(file, kind, called)
    case 'other':
      return ''
    default:
      return kind satisfies never
  }
}

async function textPreview(file: StoredObject, kind: 'json' | 'text', called: string): Promise<Markup> {
  const text = await startOf(file)
  if (text === undefined) return html`<p>It was removed.</p>`
  const value = kind === 'json' && file.size <= shownBytes ? parseJson(text) : undefined
  if (value !== undefined) return jsonView(value, called)
  const rest = file.size - shownBytes
  return textView(rest > 0 ? `${text}\n… (${bytesText(rest)} more)` : text, called)
}

async function startOf(file: StoredObject): Promise<string | undefined> {
  try {
    if (file.size === 0) return ''
    const text = await file.text({ end: Math.min(file.size, shownBytes) - 1 })
    // The last character may be cut in two.
    return file.size > shownBytes ? text.replace(/\ufffd$/, '') : text
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND') || hasCode(error, 'INPUT_CHANGED')) return undefined
    throw error
  }
}
