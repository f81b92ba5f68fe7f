import type { TestProject } from 'vitest/node'
import { elasticmq } from '../servers/elasticmq.ts'
import { Unavailable } from '../servers/program.ts'
import { radosgw } from '../servers/radosgw.ts'
import type { RealServer } from '../servers/real-server.ts'
import { versitygw } from '../servers/versitygw.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Why a server cannot be had here, by its name; one that can is not in it. */
    readonly missing: Readonly<Record<string, string>>
  }
}

/** Seconds that fetching and building one server may take; what is cached takes none. */
const patienceSeconds = 600

/** Fetches the servers before the tests begin, all at once, and tells of each whether it is there. */
export async function setup(project: TestProject): Promise<void> {
  const missing: Record<string, string> = {}
  const obtained = [elasticmq, radosgw, versitygw].map(async (server) => {
    const reason = await reasonAgainst(server)
    if (reason !== undefined) missing[server.name] = reason
  })
  await Promise.all(obtained)
  project.provide('missing', missing)
}

async function reasonAgainst(server: RealServer): Promise<string | undefined> {
  const before = Date.now()
  try {
    await server.install(AbortSignal.timeout(patienceSeconds * 1000))
    process.stdout.write(`${server.name}: there, after ${Math.round((Date.now() - before) / 1000)} s\n`)
    return undefined
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    process.stdout.write(`${server.name}: SKIPPED, ${error.message}\n`)
    return error.message
  }
}
