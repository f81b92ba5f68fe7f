import { checkArrived } from './check.ts'
import type { Contest, Entry, Figures } from './contest.ts'
import { runClient, type ServerProcess, startServer } from './processes.ts'
import type { ServerKind } from './server.ts'
import { generatedKey } from './sink.ts'
import type { Subject } from './task.ts'

/** The SDK's own default, which is also ours where no other server is named: CRC-32 sums of every part. */
const withChecksums = { AWS_REQUEST_CHECKSUM_CALCULATION: 'WHEN_SUPPORTED' }

/** Up and down against one kind of server, each run with a server of its own. */
export function awsContests(server: ServerKind, size: number): readonly Contest[] {
  const up = (name: string, subject: Subject, environment = {}): Entry => ({
    name,
    run: (withDigest) => upload({ server, subject, size, withDigest, environment }),
  })
  const down = (name: string, subject: Subject): Entry => ({
    name,
    run: (withDigest) => download({ server, subject, size, withDigest }),
  })
  const isSink = server === 'sink'
  const at = isSink ? 'a server that does next to nothing' : 'fauxqs, which is the bottleneck'
  const reference = up('lib-storage `Upload`, all defaults', 'lib-storage')
  const own = up('`queue.submit`, as with any other endpoint', 'submit')
  const asOnAws = isSink ? [up('`queue.submit`, checksums as on AWS', 'submit', withChecksums)] : []
  return [
    { title: `Up, to ${at}`, entries: [reference, ...asOnAws, own] },
    {
      title: `Down, from ${at}`,
      entries: [down('`GetObject`, all defaults', 'get-object'), down('`job.createReadStream`', 'take')],
    },
  ]
}

interface Transfer {
  readonly server: ServerKind
  readonly subject: Subject
  readonly size: number
  readonly withDigest: boolean
  readonly environment?: Readonly<Record<string, string>>
}

async function upload({ server: kind, subject, size, withDigest, environment }: Transfer): Promise<Figures> {
  await using server = await startServer(kind, withDigest)
  const measurement = await runClient({ subject, size, withDigest }, { ...server.environment, ...environment })
  checkArrived(await server.uploaded(measurement.key ?? ''), size, withDigest)
  return measurement
}

async function download({ server: kind, subject, size, withDigest }: Transfer): Promise<Figures> {
  await using server = await startServer(kind, withDigest)
  const key = await provide(kind, server, size)
  const measurement = await runClient({ subject, size, withDigest, key }, server.environment)
  checkArrived(measurement.counted ?? { bytes: 0, digest: undefined }, size, withDigest)
  return measurement
}

/** An object of that size, and a job that has it as its input. */
async function provide(kind: ServerKind, { environment }: ServerProcess, size: number): Promise<string | undefined> {
  const task = { size, withDigest: false, key: generatedKey(size) }
  const { key } = await runClient({ ...task, subject: kind === 'sink' ? 'trigger' : 'submit' }, environment)
  return key
}
