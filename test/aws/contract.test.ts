import { backendContract } from '../backend/contract.ts'
import { startEmulator } from '../servers/emulator.ts'
import { belowPrefix } from './below-prefix.ts'
import { newPlace } from './setup.ts'

backendContract(
  'S3 and SQS',
  async () => {
    const emulator = await startEmulator()
    return {
      backend: belowPrefix(emulator.options),
      place: newPlace,
      restart: () => belowPrefix(emulator.options),
      close: () => emulator.close(),
    }
  },
  { messageSize: false, stop: false },
)
