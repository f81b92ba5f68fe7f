import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Place } from '../../src/backend.ts'
import { localBackend } from '../../src/local.ts'
import { backendContract, type ContractStore } from '../backend/contract.ts'

for (const fsync of [true, false]) {
  backendContract(`the local backend, fsync ${fsync}`, () => setup(fsync))
}

async function setup(fsync: boolean): Promise<ContractStore> {
  const directory = await mkdtemp(join(tmpdir(), 'remotejob-'))
  let places = 0
  return {
    backend: localBackend({ directory, fsync }),
    place: (overrides) => ({ ...placeNamed(`place-${(places += 1)}`), ...overrides }),
    restart: () => localBackend({ directory: `${directory}/.`, fsync: !fsync }),
    close: () => rm(directory, { recursive: true }),
  }
}

function placeNamed(name: string): Place {
  const queues = ['pending', 'completed', 'failed'].map((status) => [status, `${name}-${status}`] as const)
  return {
    bucket: `remotejobs-${name}`,
    queues: new Map(queues),
    deadLetterQueue: `${name}-dead`,
    pendingQueue: `${name}-pending`,
    maxReceives: 1000,
    leaseSeconds: 30,
    provision: 'auto',
  }
}
