import { openStore, type Store } from './store.ts'
import { startSweeping } from './sweep.ts'

/** A store that is used by several queues of this process. */
interface Shared {
  readonly opened: Promise<{ readonly store: Store; readonly sweeping: Disposable }>
  users: number
}

const open = new Map<string, Shared>()

/** The use of a store, until it is given back. */
export interface StoreUse {
  readonly store: Store
  release(): Promise<void>
}

/** One connection a process and directory, opened by its first user and closed by its last. */
export async function useStore(directory: string, fsync: boolean): Promise<StoreUse> {
  const name = JSON.stringify([directory, fsync])
  const shared = open.get(name) ?? { opened: openAndSweep(directory, fsync), users: 0 }
  open.set(name, shared)
  shared.users += 1
  try {
    const { store } = await shared.opened
    return { store, release: () => release(name, shared) }
  } catch (error) {
    forget(name, shared)
    throw error
  }
}

async function openAndSweep(directory: string, fsync: boolean): Promise<{ store: Store; sweeping: Disposable }> {
  const store = await openStore(directory, fsync)
  return { store, sweeping: startSweeping(store) }
}

async function release(name: string, shared: Shared): Promise<void> {
  shared.users -= 1
  if (shared.users > 0) return
  forget(name, shared)
  const { store, sweeping } = await shared.opened
  sweeping[Symbol.dispose]()
  await store.close()
}

function forget(name: string, shared: Shared): void {
  if (open.get(name) === shared) open.delete(name)
}
