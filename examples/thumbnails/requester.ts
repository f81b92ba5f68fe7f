import { createReadStream } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import { basename, join, parse } from 'node:path'
import type { JobHandle, Queue } from 'remotejob'
import sharp from 'sharp'

/** What a job says beside the photograph that it carries. */
export interface Thumbnail {
  readonly filename: string
  /** The longer side of the thumbnail. */
  readonly pixels: number
}

/** How one job went. */
export interface Row {
  readonly photo: string
  readonly job: string
  readonly status: string
  readonly bytesIn: number
  /** 0 when no thumbnail came back. */
  readonly bytesOut: number
  /** From before the submit until the thumbnail is on the disk. */
  readonly seconds: number
  readonly error?: string
}

/** Submits one photograph and writes its thumbnail to `folder`. What goes wrong with one job is a row that says so. */
export async function requestThumbnail(
  queue: Queue<Thumbnail>,
  photo: string,
  folder: string,
  signal: AbortSignal,
): Promise<Row> {
  const started = performance.now()
  const filename = basename(photo)
  const job = await queue.submit({ filename, pixels: 256, body: createReadStream(photo) }, { signal })
  const outcome = await receiveThumbnail(job, join(folder, `${parse(photo).name}.png`), signal)
  const { size: bytesIn } = await stat(photo)
  const status = (await job.status()) ?? 'unknown'
  return { photo: filename, job: job.id, status, bytesIn, ...outcome, seconds: (performance.now() - started) / 1000 }
}

async function receiveThumbnail(
  job: JobHandle,
  path: string,
  signal: AbortSignal,
): Promise<{ bytesOut: number; error?: string }> {
  try {
    const { assets } = await job.result({ signal })
    const png = await assets['output']?.bytes()
    if (!png || !(await isPng(png))) throw new Error('what came back is not a PNG')
    await writeFile(path, png, { flag: 'wx' })
    return { bytesOut: png.length }
  } catch (error) {
    return { bytesOut: 0, error: error instanceof Error ? error.message : String(error) }
  }
}

/** Decodes every pixel, so that half a picture does not pass for one. */
async function isPng(bytes: Uint8Array): Promise<boolean> {
  const picture = sharp(bytes, { failOn: 'warning' })
  const [{ format }] = await Promise.all([picture.metadata(), picture.clone().raw().toBuffer()])
  return format === 'png'
}
