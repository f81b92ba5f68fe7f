import { backendContract } from '../backend/contract.ts'
import { placeNamed } from '../local/place.ts'
import { MemoryStore } from './memory-backend.ts'

backendContract('the backend in memory', async () => {
  const store = new MemoryStore({ isPatient: true })
  let places = 0
  return {
    backend: store.backend(),
    place: (overrides) => ({ ...placeNamed(`place-${(places += 1)}`), ...overrides }),
    restart: () => store.backend(),
    close: async () => {},
  }
})
