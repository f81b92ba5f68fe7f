import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localBackend } from '../../src/local.ts'
import { backendContract, type ContractStore } from '../backend/contract.ts'
import { placeNamed } from './place.ts'

for (const fsync of [true, false]) {
  backendContract(`the local backend, fsync ${fsync}`, () => setup(fsync))
}

async function setup(fsync: boolean): Promise<ContractStore> {
  const directory = await mkdtemp(join(tmpdir(), 'remotejob-'))
  let places = 0
  return {
    backend: localBackend({ directory, fsync }),
    place: (overrides) => ({ ...placeNamed(`place-${(places += 1)}`), ...overrides }),
    // A connection of its own: only equal options share one.
    restart: () => localBackend({ directory, fsync: !fsync }),
    close: () => rm(directory, { recursive: true }),
  }
}
