import { randomUUID } from 'node:crypto'
import { GetQueueUrlCommand, ListQueuesCommand } from '@aws-sdk/client-sqs'
import type { QueueNamesOptions } from '../../administration.ts'
import type { Cancellable } from '../../backend.ts'
import { hasCode, RemoteJobError } from '../../errors.ts'
import { call } from '../call.ts'
import type { Clients } from '../clients.ts'
import type { QueueUrls } from '../queue-urls.ts'

/** SQS names the next page only to those who say how large a page may be; this is the most. */
const pageSize = 1000

/** The names of queues of the account in the region. They come as URLs, which then need not be asked for. */
export async function queueNames(
  clients: Clients,
  urls: QueueUrls,
  options: QueueNamesOptions,
): Promise<readonly string[]> {
  const names: string[] = []
  for (let token: string | undefined, more = true; more; more = token !== undefined) {
    const command = new ListQueuesCommand({
      MaxResults: pageSize,
      ...(token === undefined ? {} : { NextToken: token }),
    })
    const page = await call({ operation: 'ListQueues' }, options, (http) => clients.sqs.send(command, http))
    for (const url of page.QueueUrls ?? []) {
      const name = nameOf(url)
      // Some servers list all whatever the prefix, and what is listed may be deleted.
      if (!name.startsWith(options.prefix ?? '')) continue
      urls.learn(name, url)
      names.push(name)
    }
    token = page.NextToken || undefined
  }
  if (names.length === 0 && options.prefix === undefined) await expectSqs(clients, options)
  return names
}

/**
 * To find nothing is what any server answers that takes all for good. SQS is asked for a queue that is nowhere: it says so.
 * @throws RemoteJobError `UNAVAILABLE`
 */
async function expectSqs(clients: Clients, options: Cancellable): Promise<void> {
  const queue = `remotejob-nowhere-${randomUUID()}`
  try {
    const command = new GetQueueUrlCommand({ QueueName: queue })
    await call({ operation: 'GetQueueUrl', queue }, options, (http) => clients.sqs.send(command, http))
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND') || hasCode(error, 'ACCESS_DENIED')) return
    throw error
  }
  throw new RemoteJobError(
    'UNAVAILABLE',
    'What was asked for queues is no SQS (it has none, and knows any that it is asked for): check `endpoint`',
  )
}

/** `https://sqs.eu-central-1.amazonaws.com/123456789012/thumbs-pending` is `thumbs-pending`. */
function nameOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1)
}
