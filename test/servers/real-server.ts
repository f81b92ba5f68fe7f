import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** A server that others wrote, as the suites in `test/compatibility` use it. */
export interface RealServer {
  /** With its version, e.g. `ElasticMQ 1.7.1`. */
  readonly name: string
  /**
   * Fetches and builds what is not in the cache yet.
   * @throws Unavailable with the reason why it cannot be had here
   */
  install(signal: AbortSignal): Promise<void>
  /** Starts it on 127.0.0.1, empty. */
  start(): Promise<RunningServer>
}

export interface RunningServer {
  /** Its URL, e.g. `http://127.0.0.1:40123`. */
  readonly endpoint: string
  close(): Promise<void>
}

/** What is signed with; the servers are told of it. */
export const accessKeyId = 'AKIAIOSFODNN7EXAMPLE'
export const secretAccessKey = 'a-secret-that-is-none'
export const region = 'us-east-1'

/** A folder of the cache, which outlives the run. */
export function cached(...path: string[]): string {
  return resolve('.cache/servers', ...path)
}

/** Starts a server in a folder of its own that goes with it. */
export async function inTemporaryFolder(start: (folder: string) => Promise<RunningServer>): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'remotejob-server-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    const server = await start(folder)
    return { endpoint: server.endpoint, close: () => server.close().finally(remove) }
  } catch (error) {
    await remove()
    throw error
  }
}
