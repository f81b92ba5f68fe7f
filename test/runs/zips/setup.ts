import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { fromBufferPromise } from 'yauzl'
import { ZipFile } from 'yazl'

/** A file of a zip: what is in it, or that and how it is kept. */
export type File =
  | string
  | Uint8Array
  | { readonly body: string | Uint8Array; readonly mode?: number; readonly packed?: boolean }

/** A zip of files by name; a name that ends with `/` is a folder's. */
export async function zipOf(files: Readonly<Record<string, File>>): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [name, file] of Object.entries(files)) {
    const { body, mode, packed = true } = typeof file === 'string' || file instanceof Uint8Array ? { body: file } : file
    if (name.endsWith('/')) zip.addEmptyDirectory(name)
    else zip.addBuffer(Buffer.from(body), name, { compress: packed, ...(mode === undefined ? {} : { mode }) })
  }
  zip.end()
  return buffer(zip.outputStream)
}

/** The same zip with other bytes, as long, in the place of some: names that no packer would write. */
export function patched(zip: Buffer, from: string, to: string): Buffer {
  const bytes = Buffer.from(zip)
  if (from.length !== to.length) throw new Error('Expected as many bytes')
  let found = 0
  for (let at = bytes.indexOf(from, 0, 'latin1'); at >= 0; at = bytes.indexOf(from, at + 1, 'latin1')) {
    bytes.write(to, at, 'latin1')
    found += 1
  }
  if (found < 2) throw new Error(`Expected ${from} in the zip twice, beside its file and in the directory`)
  return bytes
}

/** Offset in an entry of a zip's directory, by what is there (APPNOTE.TXT, 4.3.12). */
const fields = { flags: 8, method: 10, crc: 16, packedBytes: 20, bytes: 24, offset: 42 } as const

/** The same zip with another number in the first entry of its directory. */
export function lying(zip: Buffer, field: keyof typeof fields, value: number): Buffer {
  const bytes = Buffer.from(zip)
  const entry = bytes.indexOf('PK\u0001\u0002', 0, 'latin1')
  if (field === 'flags' || field === 'method') bytes.writeUInt16LE(value, entry + fields[field])
  else bytes.writeUInt32LE(value, entry + fields[field])
  return bytes
}

/** The texts of a zip's files by name. */
export async function textsIn(zip: Buffer): Promise<Record<string, string>> {
  const texts: Record<string, string> = {}
  const opened = await fromBufferPromise(zip)
  for await (const entry of opened.eachEntry())
    texts[entry.fileName] = await text(await opened.openReadStreamPromise(entry))
  return texts
}

/** A zip as a file, and an empty folder beside it. */
export async function placed(
  zip: Uint8Array,
): Promise<{ readonly above: string; readonly file: string; readonly folder: string }> {
  const above = await mkdtemp(join(tmpdir(), 'remotejob-zip-'))
  onTestFinished(() => rm(above, { recursive: true, force: true }))
  const file = join(above, 'input.zip')
  await writeFile(file, zip)
  return { above, file, folder: await mkdtemp(join(above, 'folder-')) }
}
