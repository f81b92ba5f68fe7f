import { vi } from 'vitest'
import type { Place } from '../../src/backend.ts'
import { accessKeyId, type RealServer, region, type RunningServer, secretAccessKey } from '../servers/real-server.ts'

/** Where the suites run: the environment leads there. */
export interface Ground {
  /** Is told of every bucket and queue that a test makes. */
  used(place: Place): void
  close(): Promise<void>
}

/** A server of each kind, since a queue needs both, and the environment as a user would set it. */
export async function startServers(s3: RealServer, sqs: RealServer): Promise<Ground> {
  const started: RunningServer[] = []
  const close = async (): Promise<void> => {
    vi.unstubAllEnvs()
    await Promise.all(started.map((server) => server.close()))
  }
  try {
    for (const [service, server] of [
      ['S3', s3],
      ['SQS', sqs],
    ] as const) {
      const running = await server.start()
      started.push(running)
      vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, running.endpoint)
    }
    vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey)
    vi.stubEnv('AWS_SESSION_TOKEN', undefined)
    vi.stubEnv('AWS_REGION', region)
    return { close, used: () => {} }
  } catch (error) {
    await close()
    throw error
  }
}
