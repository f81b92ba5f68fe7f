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

test('the value of a short option is the next word, or stands right behind it, or behind "="', async () => {
  const cli = await setup()
  for (const words of [
    ['-a', 'x', '-a', '=y', '-e', 'A=b'],
    ['-ax', '-a==y', '-eA=b'],
    ['-a=x', '-a', '=y', '-e=A=b'],
  ]) {
    const { code, stdout } = await cli.run(['job', 'create', '-n=sum', '-c=echo', ...words, '-o=json'])
    expect({ words, code }).toEqual({ words, code: 0 })
    expect(JSON.parse(stdout)).toMatchObject({
      run_arguments: ['x', '=y'],
      run_env_variables: [{ name: 'A', value: 'b' }],
    })
    await cli.run(['job', 'delete', '-n', 'sum', '--force'])
  }
})
