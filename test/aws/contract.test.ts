import { S3Client } from '@aws-sdk/client-s3'
import { awsBackend } from '../../src/aws/backend.ts'
import type { AwsOptions } from '../../src/aws/options.ts'
import type { Backend } from '../../src/backend.ts'
import { prefixedStore } from '../../src/prefixed-store.ts'
import { backendContract } from '../backend/contract.ts'
import { type Emulator, startEmulator } from '../servers/emulator.ts'
import { newPlace } from './setup.ts'

backendContract(
  'S3 and SQS',
  async () => {
    const emulator = await startEmulator()
    const { options, close } = await servers(emulator)
    return {
      backend: belowPrefix(options),
      place: (overrides) => newPlace(overrides),
      restart: () => belowPrefix(options),
      close,
    }
  },
  { messageSize: false, stop: false },
)

/** `REMOTEJOB_TEST_S3` names another S3 server to run on, such as radosgw, which must know the emulator's credentials. */
async function servers(emulator: Emulator): Promise<{ options: AwsOptions; close: () => Promise<void> }> {
  const endpoint = process.env['REMOTEJOB_TEST_S3']
  if (endpoint === undefined) return { options: emulator.options, close: () => emulator.close() }
  const requestChecksumCalculation = 'WHEN_REQUIRED'
  const s3 = new S3Client({ ...emulator.options, endpoint, forcePathStyle: true, requestChecksumCalculation })
  const close = async (): Promise<void> => {
    s3.destroy()
    await emulator.close()
  }
  return { options: { ...emulator.options, s3 }, close }
}

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
