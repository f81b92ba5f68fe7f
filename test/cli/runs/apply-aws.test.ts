import { expect, onTestFinished, test } from 'vitest'
import { startEmulator } from '../../servers/emulator.ts'
import { setup } from '../command.ts'

test('over AWS’s protocol jobs and schedules are applied too, and what is applied already is only looked at', async () => {
  const cli = await setup()
  const emulator = await startEmulator()
  onTestFinished(() => emulator.close())
  const { accessKeyId, secretAccessKey } = emulator.options.credentials
  const env = {
    REMOTEJOB_LOCAL: '',
    REMOTEJOB_ENDPOINT: emulator.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  }
  const job = { Command: ['sum'], NumberParallelJob: 2 }
  const Configurations = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, job]))
  const Schedules = { a: [{ Schedule: '0 0 * * *', Args: ['42'] }] }
  await cli.files({ 'jobs.json': JSON.stringify({ Configurations, Schedules }) })
  // Beside these, a command finds out whether the store keeps conditions.
  const written = () =>
    emulator.requests.filter(
      ({ operation, key = '' }) => operation === 'PutObject' && /^(definitions|cron)\//.test(key),
    )
  const apply = () => cli.run(['apply', '-f', 'jobs.json', '-o', 'jsonpath={[*].change}'], { env })
  expect(await apply()).toEqual({ code: 0, stdout: 'created created created created\n', stderr: '' })
  expect(written()).toHaveLength(4)
  emulator.reset()
  expect(await apply()).toEqual({ code: 0, stdout: 'unchanged unchanged unchanged unchanged\n', stderr: '' })
  expect(written()).toEqual([])
  const got = await cli.run(['job', 'get', '-n', 'a', '-o', 'jsonpath={.run_commands[0]} {.remotejob.parallelism}'], {
    env,
  })
  expect(got).toEqual({ code: 0, stdout: 'sum 2\n', stderr: '' })
})
