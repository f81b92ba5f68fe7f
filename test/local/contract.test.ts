import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localBackend } from '../../src/local.ts'
import { backendContract, type ContractStore } from '../backend/contract.ts'
import { placeNamed } from './place.ts'

backendContract('the local backend', setup)

async function setup(): Promise<ContractStore> {
  const directory = await mkdtemp(join(tmpdir(), 'remotejob-'))
  let places = 0
  return {
    backend: localBackend({ directory }),
    place: (overrides) => ({ ...placeNamed(`place-${(places += 1)}`), ...overrides }),
    // A connection of its own: only those with equal options share one.
    restart: () => localBackend({ directory, fsync: false }),
    close: () => rm(directory, { recursive: true }),
  }
}
