import type { Backend, OpenBackend } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { publish } from '../instrument.ts'
import { type MetadataSchema, validateMetadata } from '../metadata-schema.ts'
import { prefixedStore } from '../prefixed-store.ts'
import type { JsonObject } from '../protocol/json.ts'
import { show } from '../protocol/names.ts'
import { Mailbox, type Surroundings } from './mailbox.ts'
import { Replies } from './replies.ts'
import type { QueueOptions, Settings } from './settings.ts'
import type { Workspace } from './workspace.ts'

/** The backend that the options, or the environment, name. Each is loaded only where it is used. */
export async function backendFor<Metadata, Input>(options: QueueOptions<Metadata, Input>): Promise<Backend> {
  if (options.backend) return options.backend
  const directory = process.env['REMOTEJOB_LOCAL']
  if (directory) {
    const { localBackend } = await import('../local/backend.ts')
    return localBackend({ directory })
  }
  const { awsBackend } = await import('../aws/backend.ts')
  return awsBackend(options)
}

/** What the steps of a job's life work on, over a backend that is ready. */
export function workspaceOf<Metadata, Input>(
  settings: Settings,
  opened: OpenBackend,
  schema: MetadataSchema<Input, Metadata> | undefined,
  closing: AbortSignal,
): Workspace {
  const { name, place, prefix, statuses, records, leaseSeconds, attempts, retentionDays } = settings
  const surroundings: Surroundings = {
    name,
    home: { bucket: place.bucket, prefix },
    closing,
    records,
    objects: prefixedStore(opened.objects, prefix),
    report: (error) => publish({ name: 'error', queue: name, error }),
  }
  return {
    ...surroundings,
    mailbox: settings.replies ? new Mailbox(surroundings, opened) : undefined,
    replies: new Replies(opened),
    statuses,
    leaseSeconds,
    attempts,
    retentionDays,
    maxReceives: place.maxReceives,
    deadLetters: opened.queue(place.deadLetterQueue),
    region: async () => (await opened.region?.()) ?? '',
    queue: (status) => opened.queue(queueNameOf(settings, status)),
    events: async () => (await opened.events?.()) ?? unsupported(),
    validate: async (metadata: JsonObject) => (schema ? validateMetadata(schema, metadata) : metadata),
  }
}

function unsupported(): never {
  throw new RemoteJobError('UNSUPPORTED', 'This backend tells of no events of objects: use S3 and SQS, or localBackend')
}

/** @throws RemoteJobError `UNKNOWN_STATUS` */
export function queueNameOf({ place, statuses }: Settings, status: string): string {
  const name = place.queues.get(status)
  if (name !== undefined) return name
  throw new RemoteJobError(
    'UNKNOWN_STATUS',
    `No queue for status ${show(status)}; this queue has ${statuses.map(show).join(', ') || 'none'}`,
  )
}
