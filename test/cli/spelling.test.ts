import { expect, test } from 'vitest'
import { setup } from './command.ts'

test('a value that begins with "-" is the value of the option before it, and none of the whole program', async () => {
  const cli = await setup()
  const said = await cli.run([
    'submit',
    'letters',
    '-',
    '--filename',
    '-q',
    '--id',
    '-o',
    '--metadata',
    '--no-color=--local',
  ])
  expect(said).toEqual({ code: 0, stdout: '-o\n', stderr: '' })
  const job = await cli.queue('letters').next()
  expect([job.id, job.metadata]).toEqual(['-o', { filename: '-q', '--no-color': '--local' }])
  await job.complete()
})

test('an option whose value is missing at the end is said so', async () => {
  const cli = await setup()
  expect(await cli.run(['submit', 'letters', '--id'])).toEqual({
    code: 2,
    stdout: '',
    stderr: "error: option '--id <id>' argument missing; see remotejob submit --help\n",
  })
})
