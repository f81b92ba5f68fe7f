import { createServer } from 'node:http'
import { type AddressInfo, createServer as createSocketServer, type Server } from 'node:net'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Emulator, startEmulator } from '../servers/emulator.ts'
import { type Cli, setup } from './command.ts'

/** One line that says what to do, and no stack. */
const line = (pattern: string) => expect.stringMatching(new RegExp(`^error: ${pattern}\n$`))

const aws = {
  REMOTEJOB_LOCAL: '',
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'a-secret-that-is-none',
  AWS_REGION: 'eu-central-1',
}

/** Commands that look at a queue that has to be there. */
const readers: readonly (readonly string[])[] = [
  ['status', 'nosuch', 'id'],
  ['result', 'nosuch', 'id'],
  ['cancel', 'nosuch', 'id'],
  ['logs', 'nosuch', 'id'],
  ['retry', 'nosuch', 'id'],
  ['list', 'nosuch'],
  ['queues', 'nosuch'],
  ['dead', 'list', 'nosuch'],
  ['dead', 'redrive', 'nosuch', '--all'],
  ['dead', 'reap', 'nosuch'],
]
const noQueue = line(
  'There is no queue "nosuch" here, or not all of it: [^\n]+ make it with: remotejob provision nosuch( --endpoint=\\S+)?',
)

describe('a queue that there is not', () => {
  test.each(readers)('is told by %s %s %s, with what to do', async (...words) => {
    const cli = await setup()
    await cli.run(['submit', 'letters'])
    expect(await cli.run(words)).toEqual({ code: 3, stdout: '', stderr: noQueue })
  })

  test.each(readers)('makes %s %s %s make no folder either', async (...words) => {
    const cli = await setup()
    expect(await cli.run(words)).toEqual({ code: 3, stdout: '', stderr: line('There is no queue "nosuch" here[^\n]+') })
    expect(await readdir(cli.folder)).toEqual([])
  })

  test('cannot be torn down, and queues of a folder without any are told to be made', async () => {
    const cli = await setup()
    expect(await cli.run(['queues'])).toEqual({
      code: 3,
      stdout: '',
      stderr: line('No local store at \\S+: check the path, or make it with: remotejob provision'),
    })
    await cli.run(['submit', 'letters'])
    expect(await cli.run(['teardown', 'nosuch', '--yes'])).toEqual({
      code: 3,
      stdout: '',
      stderr: line('There is nothing of a queue "nosuch": [^\n]+'),
    })
  })
})

describe('on AWS', () => {
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await startEmulator()
  })
  afterEach(() => emulator.reset())
  afterAll(() => emulator.close())
  const run = (cli: Cli, words: readonly string[], env: Record<string, string> = {}) =>
    cli.run([...words, '--endpoint', emulator.endpoint], { env: { ...aws, ...env } })

  test.each(readers)('%s %s %s says that there is no such queue', async (...words) => {
    expect(await run(await setup(), words)).toEqual({ code: 3, stdout: '', stderr: noQueue })
  })

  test.each([
    ['submit', 'letters'],
    ['list', 'letters'],
    ['queues'],
    ['provision', 'letters'],
    ['teardown', 'letters', '--yes'],
  ])('without credentials %s says where to put them', async (...words) => {
    const { code, stdout, stderr } = await run(await setup(), words, {
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
    })
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
    expect(stderr).toEqual(line('No AWS credentials were found [^\n]+ Set AWS_ACCESS_KEY_ID and [^\n]+'))
    expect(stderr).not.toContain('`credentials`')
  })

  test.each([
    [
      'InvalidAccessKeyId',
      403,
      'AWS does not accept these credentials [^\n]+: check the access key and its secret[^\n]+',
    ],
    ['ExpiredToken', 400, 'The AWS credentials have expired [^\n]+: sign in again or renew them'],
    ['AccessDenied', 403, 'Access denied: these credentials lack sqs:GetQueueUrl on queue "letters-[a-z]+"'],
  ])('credentials that are refused as %s are denied', async (code, status, message) => {
    const operation = code === 'AccessDenied' ? 'GetQueueUrl' : undefined
    emulator.fail({ ...(operation && { operation }), answer: { status, code }, times: Infinity })
    const said = await run(await setup(), ['submit', 'letters'])
    expect(said).toEqual({ code: 4, stdout: '', stderr: line(`(${message})`) })
    expect(JSON.stringify(said)).not.toContain(aws.AWS_SECRET_ACCESS_KEY)
  })

  test('without a region, and with one that is none, it is said how to name one', async () => {
    const cli = await setup()
    const { stderr, ...rest } = await run(cli, ['submit', 'letters'], { AWS_REGION: '' })
    expect(rest).toEqual({ code: 2, stdout: '' })
    expect(stderr).toEqual(line('No AWS region is configured\\. Set AWS_REGION[^\n]+ --region[^\n]+'))
    expect(await run(cli, ['submit', 'letters', '--region', 'a b'])).toEqual({
      code: 2,
      stdout: '',
      stderr: line('The AWS region is none: [^\n]+'),
    })
  })

  test('a bucket of another region is told with its region', async () => {
    emulator.fail({
      operation: 'HeadBucket',
      answer: { status: 301, headers: { 'x-amz-bucket-region': 'us-west-2' } },
      times: Infinity,
    })
    expect(await run(await setup(), ['list', 'letters'])).toEqual({
      code: 2,
      stdout: '',
      stderr: line('[^\n]+ is in region "us-west-2" [^\n]+'),
    })
  })

  test('--debug, and nothing else, shows the stack and the cause', async () => {
    const cli = await setup()
    emulator.fail({ answer: { status: 403, code: 'InvalidAccessKeyId' }, times: Infinity })
    const { stderr } = await run(cli, ['submit', 'letters', '--debug'])
    expect(stderr).toMatch(/^error: [^\n]+\nProblem: [^\n]+\n {4}at /)
    expect(stderr).toMatch(/\ncaused by [^]+\ncaused by /)
    expect((await run(cli, ['submit', 'letters'])).stderr).not.toContain('    at ')
  })
})

describe('at an endpoint', () => {
  const submit = (cli: Cli, endpoint: string, env: Record<string, string> = {}) =>
    cli.run(['submit', 'letters', '--endpoint', endpoint], { env: { ...aws, AWS_MAX_ATTEMPTS: '1', ...env } })

  test('where no server is', async () => {
    const server = createServer()
    const endpoint = await listening(server)
    server.close()
    await once(server, 'close')
    expect(await submit(await setup(), endpoint)).toEqual({
      code: 5,
      stdout: '',
      stderr: line('No answer to [^\n]+: check the network and --endpoint'),
    })
  })

  test.each(['localhost:9000', 'nonsense', 'ftp://localhost', 'http://'])('that is no URL (%s)', async (endpoint) => {
    expect(await submit(await setup(), endpoint)).toEqual({
      code: 2,
      stdout: '',
      stderr: line('Expected --endpoint to be a URL such as `http://localhost:9000`'),
    })
  })

  test.each([
    ['a page of HTML', 200, '<!DOCTYPE html><html><body>It works!</body></html>'],
    ['a page that is not found', 404, '<html><body><h1>Not Found</h1></body></html>'],
    ['an answer that it does not know the method', 405, 'method not allowed'],
    ['a redirect to a page', 302, ''],
    ['no bytes', 200, ''],
    ['JSON of something else', 200, '{"hello":"world"}'],
    ['an array', 200, '[1, 2]'],
    ['bytes of no kind', 200, '\u0000\u0001\u001b[2J\ufffd'],
    ['XML of something else', 200, '<?xml version="1.0"?><rss><channel/></rss>'],
    ['XML that is cut off', 200, '<?xml version="1.0"?><ListBucketResult><Name>rem'],
    ['an error page', 500, '<html><body><h1>Internal Server Error</h1></body></html>'],
    ['a page of a proxy', 502, '<html><body><h1>Bad Gateway</h1></body></html>'],
  ])('where a server answers %s', async (_, status, body) => {
    const server = createServer((request, response) => {
      request.resume()
      request.on('end', () => response.writeHead(status, { 'content-type': 'text/html', location: '/login' }).end(body))
    })
    const endpoint = await listening(server)
    // Where nothing is found a queue is not.
    const readers =
      status === 404
        ? []
        : [
            ['list', 'letters'],
            ['queues', 'letters'],
          ]
    for (const words of [['submit', 'letters'], ['provision', 'letters'], ['queues'], ...readers]) {
      const cli = await setup()
      const said = await cli.run([...words, '--endpoint', endpoint], { env: { ...aws, AWS_MAX_ATTEMPTS: '1' } })
      expect({ words, ...said }).toEqual({ words, code: 5, stdout: '', stderr: line('[^\n]*--endpoint[^\n]*') })
      expect(said.stderr).not.toMatch(/[^\P{Cc}\n]|\$response|Deserialization/u)
    }
  })

  test('where something speaks no HTTP, or hangs up', async () => {
    for (const greeting of ['SSH-2.0-OpenSSH_9.2\r\n', '']) {
      const server = createSocketServer((socket) => socket.on('error', () => {}).end(greeting))
      expect(await submit(await setup(), await listening(server))).toEqual({
        code: 5,
        stdout: '',
        stderr: line('[^\n]*--endpoint[^\n]*'),
      })
    }
  })

  test('that is meant to be secret, at a server that is not', async () => {
    const server = createServer((_, response) => response.end())
    const endpoint = await listening(server)
    expect(await submit(await setup(), endpoint.replace('http:', 'https:'))).toEqual({
      code: 5,
      stdout: '',
      stderr: line('[^\n]*--endpoint[^\n]*'),
    })
  })
})

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test.runIf(process.platform === 'linux')('a folder that cannot be made is told, and not tried for ever', async () => {
  const cli = await setup()
  expect(await cli.run(['submit', 'letters', '--local=/proc/x/y'])).toEqual({
    code: 4,
    stdout: '',
    stderr: line('The local store at /proc/x/y: no folder can be made there; choose another directory'),
  })
  await cli.run(['submit', 'letters', '--id', 'a'])
  await (await cli.queue('letters').next()).complete({ body: 'out' })
  expect(await cli.run(['result', 'letters', 'a', '--save', '/proc/x'])).toEqual({
    code: 3,
    stdout: '',
    stderr: line('No folder "/proc/x" can be made there: choose another path'),
  })
})

test('a worker without room for temporary files takes no job, and says why', async () => {
  const cli = await setup()
  await cli.run(['submit', 'letters', '--id', 'a', '--attempts', '1'])
  for (const words of [
    ['work', 'letters', '--once', '--', 'true'],
    ['work', 'letters', '--runs', '--once'],
    ['work', 'letters', '--zip', '--once'],
  ])
    expect(await cli.run(words, { env: { TMPDIR: join(cli.folder, 'none') } })).toEqual({
      code: 3,
      stdout: '',
      stderr: line(
        'The folder for temporary files, "[^"]+none", cannot be used \\(ENOENT\\): [^\n]+ set TMPDIR to another',
      ),
    })
  expect((await cli.run(['status', 'letters', 'a'])).stdout).toContain('pending')
  expect(await cli.run(['work', 'letters', '--once', '--', 'true'])).toMatchObject({ code: 0 })
  expect((await cli.run(['status', 'letters', 'a'])).stdout).toContain('completed')
})

test.each([
  [['submt', 'letters'], "unknown command 'submt'; did you mean submit?"],
  [['submt', '--help'], "unknown command 'submt'; did you mean submit?"],
  [['--local', 'submt', '--help'], "unknown command 'submt'; did you mean submit?"],
  [['dead', 'lst', '--help'], "unknown command 'lst'; did you mean list?"],
  [['help', 'submt'], "unknown command 'submt'; did you mean submit?"],
  [['xyzzy', '--help'], "unknown command 'xyzzy'; see remotejob --help"],
  [['submit', 'letters', '--wiat'], "unknown option '--wiat'; did you mean --wait?"],
  [['list', '--limt', '3', 'letters'], "unknown option '--limt'; did you mean --limit?"],
  [['submit', 'letters', '--metdata=password=secret'], "unknown option '--metdata'; did you mean --metadata?"],
  [['submit', 'letters', '--wait=5'], "option '--wait' takes no value; see remotejob submit --help"],
  [['submit', 'letters', '-x'], "unknown option '-x'; see remotejob submit --help"],
  [['job', 'delete', '--orphan-jobs'], "unknown option '--orphan-jobs'; did you mean --orphan-job-runs?"],
  [['job', 'delete', '-n', 'sum', '--orphan-jobs'], "unknown option '--orphan-jobs'; did you mean --orphan-job-runs?"],
  [['job', 'delete', '--nmae=sum'], "unknown option '--nmae'; did you mean --name?"],
  [['job', 'delete', '--infi'], "unknown option '--infi'; did you mean --inf?"],
  [['job', 'delete'], "required option '-n, --name <name>' not specified; see remotejob job delete --help"],
  [
    ['queues', '-o', 'xml'],
    'Expected table, json, yaml, jsonpath=EXPRESSION or jsonpath-as-json=EXPRESSION, such as jsonpath',
  ],
  [['submit'], "missing required argument 'queue'; see remotejob submit --help"],
  [
    ['completion', 'tcsh'],
    "command-argument value 'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish",
  ],
])('%j is a mistake that is told in one line', async (words, message) => {
  const cli = await setup()
  const { code, stdout, stderr } = await cli.run(words)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toEqual(line('[^\n]+'))
  expect(stderr).toContain(message)
  expect(stderr).not.toContain('secret')
})

test('what others wrote into errors and names is shown and not done', async () => {
  const cli = await setup()
  const evil = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u2028'
  const queue = cli.queue('letters')
  await queue.submit({ evil }, { id: 'evil', attempts: 1 })
  await (await queue.next()).fail(new Error(`first\n${evil}`))
  await queue.submit({ evil, filename: 'a', body: 'b' }, { id: 'good' })
  await (await queue.next()).complete({ value: evil })
  for (const words of [
    ['result', 'letters', 'evil'],
    ['result', 'letters', 'evil', '--debug'],
    ['result', 'letters', 'good'],
    ['result', 'letters', 'good', 'evil'],
    ['result', 'letters', 'good', '-o', 'json'],
    ['result', 'letters', 'good', '-o', 'yaml'],
    ['list', 'letters'],
    ['status', 'letters', `no${evil}such`],
  ]) {
    const { stdout, stderr } = await cli.run(words)
    expect(`${stdout}${stderr}`.replaceAll('\n', ''), words.join(' ')).not.toMatch(/[\p{Cc}\u2028]/u)
  }
  const { stdout } = await cli.run(['result', 'letters', 'good', '-o', 'json'])
  expect(JSON.parse(stdout)).toMatchObject({ value: evil })
})
