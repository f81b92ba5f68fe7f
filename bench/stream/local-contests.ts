import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { checkArrived } from './check.ts'
import type { Contest, Entry, Figures } from './contest.ts'
import { runClient, runProgram } from './processes.ts'
import type { Subject } from './task.ts'

/** The local backend beside `cp`, from file to file on one disk. The file is made once and is in the disk's cache for everybody. */
export async function localContests(directory: string, size: number): Promise<readonly Contest[]> {
  const from = join(directory, 'original')
  await runClient({ subject: 'copy-streams', size, withDigest: false, to: from })
  await sync(from)
  const entry = (name: string, run: (place: Place) => Promise<Figures>): Entry => ({
    name,
    run: (withDigest) => inFolder(directory, (folder) => run({ from, folder, size, withDigest })),
  })
  const put = (fsync: boolean) => entry("`queue.submit` of the file's stream", (place) => submit(place, fsync))
  const streams = entry('`createReadStream` to `createWriteStream` of `node:fs`', (place) =>
    toFile(place, 'copy-streams'),
  )
  return [
    {
      title: 'Into the local backend, on the disk when it returns',
      entries: [entry('`cp`, then `sync` of the copy', (place) => copy(place, true)), put(true)],
    },
    {
      title: 'Into the local backend with `fsync: false`',
      entries: [entry('`cp`', (place) => copy(place, false)), put(false), streams],
    },
    {
      title: 'Out of the local backend, to a file',
      entries: [entry('`cp`', (place) => copy(place, false)), entry('`job.createReadStream`', take), streams],
    },
  ]
}

interface Place {
  readonly from: string
  /** Empty, and removed afterwards. */
  readonly folder: string
  readonly size: number
  readonly withDigest: boolean
}

async function inFolder<Result>(directory: string, use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(directory, 'run-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function copy({ from, folder, size }: Place, isDurable: boolean): Promise<Figures> {
  const to = join(folder, 'copy')
  // Where the file system could share blocks, the copy would cost nothing and be none.
  const whole = process.platform === 'linux' ? ['--reflink=never'] : []
  const seconds = (await runProgram('cp', [...whole, from, to])) + (isDurable ? await sync(to) : 0)
  await checkFile(to, size)
  return { seconds }
}

async function submit({ from, folder, size, withDigest }: Place, fsync: boolean): Promise<Figures> {
  const task = { size, withDigest, local: { directory: folder, fsync } }
  const measurement = await runClient({ ...task, subject: 'submit', from })
  const { counted } = await runClient({ ...task, subject: 'take' })
  checkArrived(counted ?? { bytes: 0, digest: undefined }, size, withDigest)
  return measurement
}

async function take(place: Place): Promise<Figures> {
  const directory = join(place.folder, 'queue')
  await mkdir(directory)
  // Nothing of it is on the disk yet, as nothing of the copies before it ever was: the disk's own pace is not what is compared.
  const local = { directory, fsync: false }
  await runClient({ ...place, subject: 'submit', local })
  return await toFile(place, 'take-to-file', local)
}

async function toFile(
  { from, folder, size, withDigest }: Place,
  subject: Subject,
  local?: { directory: string; fsync: boolean },
): Promise<Figures> {
  const to = join(folder, 'copy')
  const measurement = await runClient({ subject, size, withDigest, from, to, local })
  await checkFile(to, size)
  if (measurement.counted) checkArrived(measurement.counted, size, withDigest)
  return measurement
}

async function checkFile(path: string, size: number): Promise<void> {
  checkArrived({ bytes: (await stat(path)).size, digest: undefined }, size, false)
}

/** Waits until a file is on the disk. */
const sync = (path: string): Promise<number> => runProgram('sync', process.platform === 'linux' ? [path] : [])
