import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join, parse } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import sharp from 'sharp'
import { Schedules } from '../src/cron.ts'
import { type Job, type JobHandle, Queue } from '../src/index.ts'
import type { Backend } from '../src/backend.ts'
import { settingsFrom } from '../src/lifecycle/settings.ts'
import { localBackend } from '../src/local.ts'
import { Runs } from '../src/runs.ts'

const photos = join(import.meta.dirname, '../examples/thumbnails/photos')

/** A frame takes a moment, and fails now and then. */
const frame = 'echo "frame $JOB_INDEX of 280"; sleep 0.5; [ $((JOB_INDEX % 61)) != 17 ]'

/** Jobs of every kind, and where some of them are. */
export interface PageScene {
  /** A job that failed once, and then handed files back. */
  readonly completedId: string
  readonly runName: string
  /** Has the job go on that is in hand. */
  goOn(): void
}

/** Makes real jobs in a folder, and has workers do some of them until `ends` is disposed. */
export async function makePageScene(directory: string, ends: AsyncDisposableStack): Promise<PageScene> {
  const backend = localBackend({ directory, fsync: false })
  const open = (name: string): Queue => ends.use(new Queue(name, { backend }))
  await Promise.all([fillReports(open('reports')), fillScans(open('scans')), fillLetters(open('letters'), backend)])
  const thumbs = open('thumbs')
  const { promise: isLetOn, resolve: goOn } = Promise.withResolvers<void>()
  ends.use(
    thumbs.work((job) => makeThumbnail(job, isLetOn), { concurrency: 1, backoff: { baseSeconds: 1, jitter: 'none' } }),
  )
  const jobs: JobHandle[] = []
  for (const name of ['camera.png', 'coffee.jpg', 'chelsea.png', 'retina.jpg', 'astronaut.jpg'])
    jobs.push(await submitPhoto(thumbs, name))
  await Promise.allSettled(jobs.map((job) => job.result()))
  for (const name of ['hubble-deep-field.jpg', 'rocket.jpg', 'coffee.jpg']) await submitPhoto(thumbs, name)
  return { completedId: jobs[2]?.id ?? '', runName: await renderFrames(open('frames'), ends), goOn }
}

async function submitPhoto(thumbs: Queue, filename: string): Promise<JobHandle> {
  const photo = await readFile(join(photos, filename))
  // The retina was not copied to its end.
  const body = filename === 'retina.jpg' ? photo.subarray(0, 61_440) : photo
  return thumbs.submit({ filename, width: 216, formats: ['png', 'webp'], body }, { attempts: 2 })
}

async function makeThumbnail(job: Job, isLetOn: Promise<void>) {
  const filename = String(job.metadata['filename'])
  const log = job.createLog('stdout')
  const photo = await job.bytes()
  log.write(`${filename}: ${photo.length} bytes\n`)
  if (filename === 'hubble-deep-field.jpg') {
    await job.progress({ done: 2, of: 5 })
    await isLetOn
  }
  if (filename === 'chelsea.png' && job.attempt === 1) throw new Error('No space left on /scratch')
  const { name } = parse(filename)
  const small = sharp(photo, { failOn: 'truncated' }).resize(216)
  const [png, webp, { width, height, format }] = await Promise.all([
    small.clone().png().toBuffer(),
    small.clone().greyscale().webp().toBuffer(),
    sharp(photo).metadata(),
  ])
  log.write(`decoded ${format}, ${width} × ${height}\n`)
  log.end(`wrote ${name}.png and ${name}-grey.webp\n`)
  await once(log, 'finish')
  const { channels } = await sharp(photo).stats()
  const means = channels.map(({ mean }) => Math.round(mean))
  return {
    value: { width, height },
    assets: {
      [`${name}.png`]: png,
      [`${name}-grey.webp`]: webp,
      'colours.json': JSON.stringify({ red: means[0], green: means[1], blue: means[2] }),
    },
  }
}

/** Reports that are due later, and what makes them. */
async function fillReports(reports: Queue): Promise<void> {
  for (const hours of [1, 2, 3]) await reports.submit({ hours }, { delaySeconds: 600 + hours })
  await new Schedules(reports).create({ name: 'nightly', cron: '30 2 * * *', timeZone: 'Europe/Zurich' })
}

/** Scans that nobody does yet. */
async function fillScans(scans: Queue): Promise<void> {
  await scans.submitMany(Array.from({ length: 1284 }, (_, page) => ({ page })))
}

/** Letters that wait, and one that is none. */
async function fillLetters(letters: Queue, backend: Backend): Promise<void> {
  const { place } = settingsFrom('letters', {})
  const raw = backend.open(place)
  await raw.ready()
  await raw.queue('letters-dead').send({ body: 'Dear reader', attributes: { reason: 'It is no message of a job' } })
  await raw.close()
  await letters.submitMany(Array.from({ length: 12 }, (_, page) => ({ page })))
}

async function renderFrames(queue: Queue, ends: AsyncDisposableStack): Promise<string> {
  const runs = new Runs(queue)
  const request = { name: 'clouds', command: ['sh', '-c'], arguments: [frame], arrayIndexes: '0-279', retryLimit: 0 }
  const runName = await runs.submit(request)
  ends.use(runs.work({ concurrency: 24 }))
  while (((await runs.get(runName))?.indexes ?? []).filter(({ status }) => status === 'succeeded').length < 160)
    await delay(200)
  return runName
}
