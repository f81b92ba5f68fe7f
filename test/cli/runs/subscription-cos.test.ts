import { expect, test } from 'vitest'
import { Queue } from '../../../src/index.ts'
import { localBackend } from '../../../src/local.ts'
import { Runs } from '../../../src/runs.ts'
import { join } from 'node:path'
import { type Cli, setup } from '../command.ts'

const silent = { code: 0, stdout: '', stderr: '' }

/** A folder with a bucket and a job in it. */
async function watching(): Promise<Cli & { readonly cos: (...words: string[]) => ReturnType<Cli['run']> }> {
  const cli = await setup()
  expect((await cli.run(['provision', 'photos', '--bucket', 'my-photos', '--quiet'])).code).toBe(0)
  expect((await cli.run(['job', 'create', '-n', 'resize', '--cmd', 'true'])).code).toBe(0)
  return { ...cli, cos: (...words) => cli.run(['subscription', 'cos', ...words]) }
}

const create = ['create', '-n', 'uploads', '-d', 'resize', '-b', 'my-photos']

test('a subscription is made, shown, listed, changed and deleted, with the options of Code Engine', async () => {
  const { cos } = await watching()
  const words = ['--event-type', 'write', '--prefix', '-in/', '--suffix=.jpg', '--extension', 'team=a=b', '--ext', 'X=']
  const made = await cos(...create, ...words, '--destination-type', 'job', '--wait-timeout', '20', '-o', 'json')
  const state = {
    name: 'uploads',
    bucket: 'my-photos',
    destination: 'resize',
    eventType: 'write',
    prefix: '-in/',
    suffix: '.jpg',
    extensions: { team: 'a=b', X: '' },
    ready: true,
    reason: null,
    updatedAt: expect.any(String),
  }
  expect({ ...made, stdout: JSON.parse(made.stdout) }).toEqual({ code: 0, stderr: '', stdout: state })
  expect(JSON.parse((await cos('get', '--name', 'uploads', '-o', 'json')).stdout)).toEqual(state)
  expect((await cos('get', '-n', 'uploads')).stdout).toMatch(/Extension +team=a=b\nExtension +X=\nReady +yes\n/)
  const change = ['--extension', 'TEAM=c', '--extension-rm', 'x', '--prefix', '']
  expect(await cos('update', '-n', 'uploads', ...change)).toEqual(silent)
  expect(JSON.parse((await cos('get', '-n', 'uploads', '-o', 'json')).stdout)).toEqual({
    ...state,
    prefix: '',
    extensions: { TEAM: 'c' },
  })
  expect(await cos('create', '-n', 'all', '--destination', 'resize', '--bucket', 'my-photos')).toEqual(silent)
  expect((await cos('list')).stdout).toMatch(
    /^Name +Age +Ready +Bucket +Event type +Prefix +Suffix +Destination\nall +\d+ s +yes +my-photos +all +job:resize\nuploads +\d+ s +yes +my-photos +write +\.jpg +job:resize\n$/,
  )
  expect((await cos('list', '-o', 'jsonpath={.subscriptions[*].name}')).stdout).toBe('all uploads\n')
  expect(await cos('delete', '-n', 'uploads')).toMatchObject({
    code: 2,
    stderr: 'error: Nobody is there to confirm it: say --force\n',
  })
  expect(await cos('delete', '-n', 'uploads', '-f')).toEqual(silent)
  expect(await cos('delete', '-n', 'uploads', '--force', '--ignore-not-found')).toEqual(silent)
  for (const words of [
    ['get', '-n', 'uploads'],
    ['delete', '-n', 'uploads', '-f'],
  ])
    expect(await cos(...words)).toMatchObject({
      code: 3,
      stderr: 'error: There is no subscription "uploads": remotejob subscription cos list shows what there is\n',
    })
})

test.each([
  [['--destination-type', 'app'], 2, 'There are no applications here: a subscription runs a job'],
  [['--path', '/x'], 2, 'A path is for applications, and a subscription runs a job here: leave it out'],
  [['--event-type', 'read'], 2, 'Allowed choices are write, delete, all'],
  [['--extension', 'team'], 2, 'Expected --extension NAME=VALUE, got "team"'],
  [['--extension', 'data=x'], 2, 'Expected --extension to be other attributes than those of every event'],
  [['-d', 'nobody'], 3, 'There is no job "nobody" (--destination): create it first, or say'],
  [['-b', 'no-such-bucket'], 3, 'No bucket "no-such-bucket"'],
  [['-n', 'Uploads'], 2, '1 to 63 lower-case letters'],
  [['--wait-timeout', 'x'], 2, 'Expected a number of seconds'],
])('create with %j is refused with a sentence, and nothing is made', async (words, code, sentence) => {
  const { cos } = await watching()
  expect(await cos(...create, ...words)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(sentence) })
  expect((await cos('list', '-o', 'json')).stdout).toBe('{\n  "subscriptions": []\n}\n')
})

test('an extension that is too long is refused by its name, and not repeated', async () => {
  const { cos } = await watching()
  const { code, stderr } = await cos(...create, '--extension', `team=${'x'.repeat(4097)}`)
  expect(code).toBe(2)
  expect(stderr).toMatch(/^error: Expected --extension team to be text of at most 4096 bytes .{1,100}\n$/)
})

test('without a job, --force makes it all the same; a wait for it ends in time and says why', async () => {
  const { cos, run } = await watching()
  const later = ['create', '-n', 'later', '-d', 'later', '-b', 'my-photos', '--force']
  expect(await cos(...later)).toEqual(silent)
  expect((await cos('get', '-n', 'later')).stdout).toMatch(
    /Ready +no\nReason +There is no job "later": its events wait until it is created\n/,
  )
  const waited = await cos('update', '-n', 'later', '--suffix', 'x', '--force', '--wait', '--wto', '0.1')
  expect(waited).toMatchObject({
    code: 7,
    stderr:
      'error: The subscription "later" is not ready: There is no job "later": its events wait until it is created\n',
  })
  await run(['job', 'create', '-n', 'later', '--cmd', 'true'])
  expect((await cos('get', '-n', 'later', '-o', 'jsonpath={.ready}')).stdout).toBe('true\n')
  expect(await cos('update', '-n', 'later')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Nothing is said that changes the subscription'),
  })
  expect(await cos(...later)).toMatchObject({
    code: 8,
    stderr: expect.stringContaining('a subscription "later" already'),
  })
})

test('the variables and settings of the queue’s bucket are not taken for the one that is watched', async () => {
  const cli = await watching()
  const env = { REMOTEJOB_BUCKET: 'my-queue', REMOTEJOB_PREFIX: 'team', REMOTEJOB_QUEUE: 'own' }
  await cli.run(['job', 'create', '-n', 'resize', '--cmd', 'true'], { env })
  expect(await cli.run(['subscription', 'cos', ...create], { env })).toEqual(silent)
  const options = { bucket: 'my-queue', prefix: 'team', provision: 'never' } as const
  await using queue = new Queue('own', { ...options, backend: localBackend({ directory: join(cli.folder, 'jobs') }) })
  expect(await new Runs(queue).subscriptions.list()).toMatchObject([{ bucket: 'my-photos', prefix: '', ready: true }])
  await cli.files({ 'remotejob.config.json': '{ "queue": "own", "bucket": "my-queue", "prefix": "team" }' })
  expect((await cli.cos('list', '-o', 'jsonpath={.subscriptions[*].name}')).stdout).toBe('uploads\n')
  const words = ['--queue', 'own', '--queue-bucket', 'my-queue', '--queue-prefix', 'team']
  await cli.files({ 'remotejob.config.json': '{}' })
  expect((await cli.cos('get', '-n', 'uploads', ...words)).code).toBe(0)
})
