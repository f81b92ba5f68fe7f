import { afterAll, beforeAll, describe, inject } from 'vitest'
import type { Place } from '../../src/backend.ts'
import { belowPrefix } from '../aws/below-prefix.ts'
import { newPlace } from '../aws/setup.ts'
import { backendContract, type ContractLimits } from '../backend/contract.ts'
import { emulated } from '../servers/emulated.ts'
import type { RealServer } from '../servers/real-server.ts'
import { endToEnd } from './end-to-end.ts'
import { type Ground, startServers } from './ground.ts'
import { signatures } from './signatures.ts'

/** Runs both suites on two servers that others wrote, or says which of them cannot be had, and why. */
export function suitesOn(s3: RealServer, sqs: RealServer, limits: ContractLimits): void {
  const [objects, messages] = [orEmulated(s3), orEmulated(sqs)]
  const names = `${objects.name} and ${messages.name}`
  const title = [names, ...reasonsAgainst(s3), ...reasonsAgainst(sqs)].join('; ')
  const none = objects === emulated && messages === emulated
  describe.skipIf(none)(title, () => suites(() => startServers(objects, messages), limits, objects !== emulated))
}

function orEmulated(server: RealServer): RealServer {
  return reasonsAgainst(server).length === 0 ? server : emulated
}

function reasonsAgainst({ name }: RealServer): string[] {
  const reason = inject('missing')[name]
  return reason === undefined ? [] : [`${name} is missing, ${reason}`]
}

/** The contract of the seam, the whole library, and what is told of credentials that are wrong. */
export function suites(start: () => Promise<Ground>, limits: ContractLimits, checksSignatures = true): void {
  let started: Ground | undefined
  beforeAll(async () => {
    started = await start()
  })
  afterAll(() => started?.close())
  const ground = (): Ground => {
    if (!started) throw new Error('The ground is there while tests run')
    return started
  }
  const place = (overrides?: Partial<Place>): Place => {
    const made = newPlace(overrides)
    ground().used(made)
    return made
  }
  const store = { backend: belowPrefix({}), place, restart: () => belowPrefix({}), close: async () => {} }
  backendContract('a backend', async () => store, limits)
  endToEnd(ground)
  if (checksSignatures) signatures(place)
}
