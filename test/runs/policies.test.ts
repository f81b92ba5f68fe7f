import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { policyFor } from '../../src/admin.ts'
import { type Operation, permissions } from '../../src/aws/permissions.ts'
import { Queue } from '../../src/index.ts'
import { Runs } from '../../src/runs.ts'
import { dueKey } from '../../src/runs/arrays/run-keys.ts'
import { expectRun } from '../../src/runs/arrays/run-record.ts'
import { readState } from '../../src/runs/arrays/run-state.ts'
import { parseReference } from '../../src/runs/definition/environment-entry.ts'
import { source } from '../../src/worker.ts'
import { type Emulator, startEmulator } from '../servers/emulator.ts'

const roles = ['requester', 'worker', 'operator'] as const
type Role = (typeof roles)[number]
let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator()
  await using provisioner = queueOf('provisioner', 'auto')
  await provisioner.ready()
  await using kept = queueOf('operator')
  await using asked = queueOf('requester')
  await using worked = queueOf('worker')
  const [operator, requester] = [new Runs(kept), new Runs(asked)]
  await keep(operator)
  await using _worker = new Runs(worked).work({ concurrency: 3 })
  await request(requester)
  await notify()
  await vi.waitUntil(async () => (await requester.list()).some(({ name }) => name.startsWith('greet-event')), waiting)
  await makeDue(kept, 'short')
  // The worker may be about to do so by itself.
  await vi.waitUntil(async () => {
    await new Runs(worked).expire()
    return needed('worker').includes('s3:DeleteObject remotejobs-runs/logs/*')
  }, waiting)
  await operator.jobs.delete('greet')
  for (const set of [operator.configMaps, operator.secrets]) await set.delete('one')
  await operator.subscriptions.delete('gone')
}, 120_000)

afterAll(() => emulator.close())

function queueOf(role: string, provision: 'auto' | 'never' = 'never'): Queue {
  const credentials = { accessKeyId: role, secretAccessKey: 'a-secret-that-is-none' }
  return new Queue('runs', { ...emulator.options, credentials, provision, leaseSeconds: 3 })
}

const waiting = { timeout: 20_000, interval: 100 }

/** S3 tells that an object was deleted. */
async function notify(): Promise<void> {
  const sqs = new SQSClient({ ...emulator.options, useQueueUrlAsEndpoint: false })
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'runs-pending' }))
  const s3 = { bucket: { name: 'remotejobs-runs' }, object: { key: 'uploads/a', sequencer: '0055AED6DCD90281E5' } }
  const one = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventName: 'ObjectRemoved:Delete',
    eventTime: '2026-11-25T20:10:37.631Z',
    s3,
  }
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ Records: [one] }) }))
  sqs.destroy()
}

/** All that who keeps jobs, config maps and secrets can do with them. */
async function keep(runs: Runs): Promise<void> {
  for (const set of [runs.configMaps, runs.secrets]) {
    await set.create('one', { A: '1' })
    // Past versions go after a while.
    for (let times = 0; times < 21; times += 1) await set.update('one', { A: String(times) })
    expect(await set.list()).toHaveLength(1)
  }
  expect(await runs.secrets.get('one')).toMatchObject({ keys: ['A'] })
  expect(await runs.configMaps.get('one')).toMatchObject({ values: { A: '20' } })
  const environment = [...parseReference('one', 'config map', 'env'), ...parseReference('one', 'secret', 'env')]
  const command = [process.execPath, '-e', 'console.log(process.env.A); process.exit(Number(process.env.JOB_INDEX))']
  await runs.jobs.create({ name: 'greet', command, environment })
  for (let times = 0; times < 21; times += 1) await runs.jobs.update('greet', { retryLimit: times % 2 })
  expect(await runs.jobs.list()).toHaveLength(1)
  await runs.subscriptions.create({ name: 'gone', bucket: 'remotejobs-runs', destination: 'greet', prefix: 'uploads/' })
  for (let times = 0; times < 21; times += 1)
    await runs.subscriptions.update('gone', { eventType: times % 2 ? 'all' : 'delete' })
}

/** Prints for long enough that others can read it meanwhile. */
const logging = ['sh', '-c', 'echo one; sleep 3; echo two']

/** All that who submits runs can do with them. */
async function request(runs: Runs): Promise<void> {
  await runs.submit({ job: 'greet', runName: 'kept', retryLimit: 0 })
  await runs.submit({
    job: 'greet',
    runName: 'short',
    maxExecutionSeconds: 5,
    ttlSecondsAfterFinish: 0,
    command: logging,
  })
  // For long enough that the other waits, and is woken.
  const command = ['sh', '-c', 'sleep 3; exit $JOB_INDEX']
  await runs.submit({ job: 'greet', runName: 'two', arrayIndexes: '0-1', retryLimit: 0, parallelism: 1, command })
  await vi.waitUntil(() => logged(runs, 'short'), { timeout: 20_000, interval: 100 })
  for (const name of ['kept', 'two'])
    while (!/completed|failed/.test((await runs.get(name))?.status ?? '')) await wait(50)
  expect(await runs.get('two')).toMatchObject({ succeeded: '0', failed: '1' })
  await runs.delete('two')
}

async function logged(runs: Runs, name: string): Promise<boolean> {
  return (await Array.fromAsync(runs.logs(name))).length > 0
}

/** As if the time had come to look at it. */
async function makeDue(queue: Queue, name: string): Promise<void> {
  const w = await queue[source].open()
  const run = await expectRun(w, name)
  await vi.waitUntil(async () => (await readState(w, run)).finishedAt !== undefined, { timeout: 20_000, interval: 100 })
  const by = queueOf('somebody')
  const { objects } = await by[source].open()
  await objects.put(dueKey({ run, at: 1 }), Buffer.alloc(0))
  await by.close()
}

/** Actions on folders, without what jobs need. */
function granted(role: Role, runs: boolean): string[] {
  return policyFor(role, 'runs', { runs }).Statement.flatMap(({ Action, Resource }) =>
    [Action]
      .flat()
      .flatMap((action) => [Resource].flat().map((resource) => `${action} ${resource.split(':::').at(-1)}`)),
  )
}

function needed(role: Role): string[] {
  const own = emulator.requests.filter(({ headers }) => headers.authorization?.includes(`Credential=${role}/`))
  const needs = own
    // What buckets tell is set by a provisioner of these buckets.
    .filter(({ service, operation }) => service === 's3' && !operation.includes('BucketNotification'))
    .map(({ operation, bucket, key }) => {
      const folder = key === undefined ? '' : `/${key.slice(0, key.indexOf('/'))}/*`
      return `${permissions[operation as Operation]} ${bucket}${folder}`
    })
  return [...new Set(needs)]
}

test.each(roles)('the policy of the %s of runs grants all that it asks of S3', (role) => {
  const grants = granted(role, true)
  expect(needed(role).length).toBeGreaterThan(3)
  expect(needed(role).filter((need) => !grants.includes(need))).toEqual([])
})

test.each(roles)('what runs add to the policy of the %s is nothing that it never asks for', (role) => {
  const plain = granted(role, false)
  const added = granted(role, true).filter((grant) => !plain.includes(grant))
  expect(added.length).toBeGreaterThan(3)
  expect(added.filter((grant) => !needed(role).includes(grant))).toEqual([])
})

test('who submits runs may not read secrets, and who runs them may not change any', () => {
  expect(granted('requester', true).filter((grant) => grant.includes('/secrets/'))).toEqual([])
  expect(granted('worker', true).filter((grant) => grant.includes('/secrets/'))).toEqual([
    's3:GetObject remotejobs-runs/secrets/*',
  ])
})
