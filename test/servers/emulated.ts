import { startEmulator } from './emulator.ts'
import type { RealServer } from './real-server.ts'

/** Stands in for a server that cannot be had, so that the one beside it is tested all the same. */
export const emulated: RealServer = {
  name: 'the emulator',
  install: async () => {},
  start: () => startEmulator(),
}
