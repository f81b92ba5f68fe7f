import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import type { Check, ProvisionStep, Subject, Verdict } from '../../administration.ts'
import { doubtful, well, wrong } from '../../verdict.ts'
import { fromLocal } from '../errors.ts'
import { whileBusy } from '../patience.ts'
import { provisionPlan } from '../provision-plan.ts'
import { numberOf, textOf } from '../row.ts'
import { isPresent, type Store } from '../store.ts'

/** File systems of networks, by the numbers of Linux's statfs(2). */
const networks: ReadonlyMap<number, string> = new Map([
  [0x69_69, 'NFS'],
  [0x51_7b, 'SMB'],
  [0xff_53_4d_42, 'CIFS'],
  [0xfe_53_4d_42, 'SMB'],
  [0x01_02_19_97, '9P'],
])
const little = 1024 ** 3
const tooLittle = 64 * 1024 ** 2

/** What can be looked at of a directory. Nothing is made where there is none. */
export function checks(directory: string, use: () => Promise<Store>, subject?: Subject): readonly Check[] {
  const general: Check[] = [
    { check: `directory ${directory}`, run: () => checkDirectory(directory) },
    { check: 'file system', run: () => checkFileSystem(directory) },
    { check: 'free space', run: () => checkSpace(directory) },
    { check: 'database', run: async () => checkDatabase(await use()) },
    { check: 'locks', run: async ({ signal }) => checkLocks(await use(), signal) },
  ]
  if (!subject) return general
  return [...general, { check: 'queues', run: async () => checkQueues(await use(), subject) }]
}

async function checkDirectory(directory: string): Promise<Verdict> {
  if (!isPresent(directory)) return wrong('there is no store in it', 'Run `provision`, or check the path.')
  try {
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
    return well('this process may read and write it')
  } catch (error) {
    throw fromLocal(error, directory)
  }
}

async function checkFileSystem(directory: string): Promise<Verdict> {
  const { type } = await statusOf(directory)
  const network = networks.get(type)
  if (network === undefined) return well('local')
  return wrong(
    network,
    'Move the directory to a local disk: locks do not hold on a network, and jobs would be done twice.',
  )
}

async function checkSpace(directory: string): Promise<Verdict> {
  const { bavail, bsize } = await statusOf(directory)
  const free = bavail * bsize
  const detail = `${Math.floor(free / 1024 ** 2)} MiB`
  const advice = 'Make room on that disk.'
  if (free < tooLittle) return wrong(detail, advice)
  return free < little ? doubtful(detail, advice) : well(detail)
}

async function statusOf(directory: string) {
  try {
    return await statfs(directory)
  } catch (error) {
    throw fromLocal(error, directory)
  }
}

/** Reads all of it: no other check finds a damaged page. */
async function checkDatabase(store: Store): Promise<Verdict> {
  const found = await store.read(() =>
    store.database
      .sql('PRAGMA quick_check(3)')
      .all()
      .map((row) => textOf(row, 'quick_check')),
  )
  if (found.length === 1 && found[0] === 'ok') return well('whole')
  return wrong(found.join('; '), 'Stop all processes, move the directory away and restore it from a copy.')
}

/** Waits for its turn to write, as a job would, and writes nothing. */
async function checkLocks(store: Store, signal: AbortSignal | undefined): Promise<Verdict> {
  const { database } = store
  const began = performance.now()
  const lock = (): void => {
    database.sql('BEGIN IMMEDIATE').run()
    database.sql('ROLLBACK').run()
  }
  await whileBusy(lock, database.path, { signal })
  const seconds = (performance.now() - began) / 1000
  if (seconds < 1) return well('nobody holds the database')
  return doubtful(
    `it took ${seconds.toFixed(1)} s to get the database`,
    'End what holds a transaction open: a stopped process, a database shell, a backup.',
  )
}

async function checkQueues(store: Store, { place }: Subject): Promise<Verdict> {
  const steps = await store.read(() => provisionPlan(store.database, place))
  const missing = steps.filter(({ action }) => action !== 'keep')
  if (missing.length > 0) return wrong(missing.map(nameOf).join(', '), 'Run `provision` to make or change these.')
  const { count } = store.database.sql('SELECT count(*) AS count FROM garbage').get() ?? {}
  return well(`all there${count === undefined ? '' : `; ${numberOf({ count }, 'count')} files wait to be removed`}`)
}

const nameOf = ({ kind, name, action }: ProvisionStep): string => `${action} ${kind} ${name}`
