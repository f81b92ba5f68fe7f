import { randomUUID } from 'node:crypto'
import { awsBackend } from '../../src/aws/backend.ts'
import type { AwsOptions } from '../../src/aws/options.ts'
import type { Backend, Place } from '../../src/backend.ts'
import { prefixedStore } from '../../src/prefixed-store.ts'
import { backendContract } from '../backend/contract.ts'
import { startEmulator } from '../servers/emulator.ts'

backendContract(
  'S3 and SQS',
  async () => {
    const emulator = await startEmulator()
    return {
      backend: belowPrefix(emulator.options),
      place: (overrides) => ({ ...newPlace(), ...overrides }),
      restart: () => belowPrefix(emulator.options),
      close: () => emulator.close(),
    }
  },
  { messageSize: false, stop: false },
)

/** The bucket itself holds the probe of conditional writes too. */
function belowPrefix(options: AwsOptions): Backend {
  const backend = awsBackend(options)
  return {
    open(place) {
      const opened = backend.open(place)
      return {
        objects: prefixedStore(opened.objects, 'below/'),
        queue: (name) => opened.queue(name),
        ready: () => opened.ready(),
        close: () => opened.close(),
      }
    },
  }
}

function newPlace(): Place {
  const name = `t${randomUUID().slice(0, 13)}`
  const statuses = ['pending', 'completed', 'failed']
  return {
    bucket: `remotejobs-${name}`,
    queues: new Map(statuses.map((status) => [status, `${name}-${status}`])),
    deadLetterQueue: `${name}-dead`,
    pendingQueue: `${name}-pending`,
    maxReceives: 10,
    leaseSeconds: 30,
    provision: 'auto',
  }
}
