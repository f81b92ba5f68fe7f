import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { parse } from 'yaml'
import { type Cli, setup } from './command.ts'

const patience = { timeout: 20_000 }

/** A gateway that listens, and what it says. */
async function listening(cli: Cli, words: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const child = cli.start(['serve', '--port', '0', ...words], { env })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said = heard(child)
  await expect.poll(said, patience).toMatch(/^Listening at http:\S+\n/m)
  const [, url = ''] = /Listening at (\S+)/.exec(said()) ?? []
  return { child, said, url }
}

function heard(child: ChildProcessWithoutNullStreams): () => string {
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (one: string) => chunks.push(one))
  return () => chunks.join('')
}

interface Created {
  readonly token: string
  readonly entry: { readonly name: string; readonly sha256: string; readonly scopes: readonly string[] }
}

async function tokenOf(cli: Cli, ...words: readonly string[]): Promise<Created> {
  const { code, stdout, stderr } = await cli.run(['token', 'create', ...words, '-o', 'json'])
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as Created
}

describe('remotejob serve', { timeout: 60_000 }, () => {
  test('without tokens is for this machine, and says so', async () => {
    const cli = await setup()
    await cli.run(['provision', 'letters'])
    const { said, url } = await listening(cli)
    expect(said()).toContain('For this machine only: there are no tokens (--tokens).')
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const answer = await fetch(`${url}/v1/queues/letters/jobs`, { method: 'POST', body: 'dear reader' })
    expect(answer.status).toBe(201)
    const { id } = (await answer.json()) as { id: string }
    expect((await cli.run(['status', 'letters', id])).stdout).toContain('pending')
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })

  test('is below a path, where it is told so', async () => {
    const cli = await setup()
    const { url } = await listening(cli, ['--base-path', '/jobs', '--queue', 'letters'])
    expect(new URL(url).pathname).toBe('/jobs')
    const answer = await fetch(`${url}/v1/queues/letters/jobs`, { method: 'POST', body: 'dear reader' })
    expect(answer.headers.get('Location')).toMatch(/^\/jobs\/v1\//)
    expect((await fetch(new URL('/v1/queues', url))).status).toBe(404)
    const wrong = await cli.run(['serve', '--port', '0', '--base-path', 'jobs'])
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('to be a path such as /jobs')])
  })

  test('has the queues of projects of Code Engine by their ids', async () => {
    const cli = await setup()
    const [one, two] = ['4e49b3e0-27a8-48d2-a784-c7ee48bb863b', 'a.b_c~d-1']
    const words = ['--queue', 'shop', '--queue', 'mill', '--project', `${one}=shop`, '--project', `${two}=mill`]
    const { url } = await listening(cli, words)
    const [headers, body] = [{ 'Content-Type': 'application/json' }, '{"name":"sum","run_commands":["true"]}']
    const made = await fetch(`${url}/v2/projects/${one}/jobs`, { method: 'POST', headers, body })
    expect([made.status, await made.json()]).toEqual([201, expect.objectContaining({ project_id: one })])
    const statuses = async (...projects: string[]) =>
      Promise.all(projects.map(async (project) => (await fetch(`${url}/v2/projects/${project}/jobs/sum`)).status))
    expect(await statuses(one, 'shop', two, 'mill')).toEqual([200, 200, 404, 404])
  })

  test.each([
    ['shop', 'Expected id=queue'],
    ['=shop', 'Expected id=queue'],
    ['b=', 'Expected id=queue'],
    ['a/b=shop', 'Expected id=queue'],
    ['a=mill', 'The project a has the queue shop already'],
    ['b=no queue', `The project b: Expected the queue's name to be`],
    ['b=c=d', `The project b: Expected the queue's name to be`],
  ])('refuses --project %s, and says why', async (project, message) => {
    const words = ['serve', '--port', '0', '--project', 'a=shop', '--project', project]
    const { code, stderr } = await (await setup()).run(words)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })

  test('sends jobs at their time, unless it is told not to', async () => {
    const cli = await setup()
    await using queue = cli.queue('letters')
    const hour = 3600
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - hour * 1000 })
    onTestFinished(() => void vi.useRealTimers())
    const { id } = await queue.submit({ to: 'ada' }, { delaySeconds: hour - 60 })
    vi.useRealTimers()
    await listening(cli, ['--no-scheduler'])
    expect(await queue.next('pending', { waitSeconds: 4 })).toBeUndefined()
    await listening(cli)
    const job = await queue.next('pending', { waitSeconds: 20 })
    expect(job?.id).toBe(id)
    await job?.complete()
  })

  test('offers the jobs of SlimFaas in its environment, and says at once what is wrong with them', async () => {
    const cli = await setup()
    const Configurations = { fibonacci: { Command: ['true'], Visibility: 'Public' } }
    const env = (value: unknown) => ({ SlimFaas__JobsConfiguration: JSON.stringify(value) })
    const { url } = await listening(cli, [], env({ Configurations }))
    const answer = await fetch(`${url}/job/fibonacci`, { method: 'POST', body: '{"Args":[]}' })
    expect([answer.status, await answer.json()]).toEqual([202, { Id: expect.any(String) }])
    const wrong = await cli.run(['serve', '--port', '0'], { env: env({ Configurations: { fibonacci: 1 } }) })
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/^error: .*fibonacci.*\n$/s)])
  })

  test('hands jobs for Slurml to where the environment says', async () => {
    const cli = await setup()
    const upload = async (url: string) =>
      (
        await fetch(`${url}/api/upload`, {
          method: 'POST',
          body: '{"input":"UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==","slurml":true}',
        })
      ).status
    expect(await upload((await listening(cli)).url)).toBe(400)
    const { url, said } = await listening(cli, [], {
      SLURML_API_URL: 'http://127.0.0.1:9',
      SLURML_API_TOKEN: 'a-secret',
    })
    expect(await upload(url)).toBe(201)
    expect(said()).not.toContain('a-secret')
  })

  test.each(['0.0.0.0', '::', '192.0.2.1', 'example.com'])('refuses to listen at %s without tokens', async (host) => {
    const { code, stderr } = await (await setup()).run(['serve', '--port', '0', '--host', host])
    expect(code).toBe(2)
    expect(stderr).toContain(`Expected --tokens beside --host ${host}`)
  })

  test('lets in who has a token, for what it is good for', async () => {
    const cli = await setup()
    await cli.run(['provision', 'letters'])
    await cli.run(['provision', 'others'])
    const created = await tokenOf(cli, '-n', 'ci', '--scope', 'submit', '--queue', 'letters')
    await cli.files({ 'tokens.json': JSON.stringify([created.entry]) })
    const { url, said } = await listening(cli, ['--tokens', 'tokens.json'])
    const ask = async (path: string, token?: string, method = 'POST') => {
      const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
      return (await fetch(`${url}${path}`, { method, headers })).status
    }
    expect(await ask('/v1/queues/letters/jobs')).toBe(401)
    expect(await ask('/v1/queues/letters/jobs', `${created.token}x`)).toBe(401)
    expect(await ask('/v1/queues/letters/jobs', created.token)).toBe(201)
    expect(await ask('/v1/queues/others/jobs', created.token)).toBe(403)
    expect(await ask('/v1/queues/letters/jobs', created.token, 'GET')).toBe(403)
    expect(said()).not.toContain('For this machine only')
  })

  test('writes neither tokens nor what is in requests to its log', async () => {
    const cli = await setup()
    const { token, entry } = await tokenOf(cli, '-n', 'ci', '--scope', 'admin')
    await cli.files({ 'tokens.yaml': JSON.stringify([entry]) })
    const { url, said, child } = await listening(cli, ['--tokens', 'tokens.yaml', '--debug'])
    const secrets = {
      header: 'c0ffee-header',
      query: 'c0ffee-query',
      body: 'c0ffee-body',
      guess: `${token.slice(0, -4)}c0ff`,
    }
    const send = (given: string) =>
      fetch(`${url}/v1/queues/nowhere/jobs?metadata=${secrets.query}`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${given}`,
          'X-Secret': secrets.header,
          Cookie: `remotejob=${secrets.header}`,
        },
        body: secrets.body,
      })
    await Promise.all([send(token), send(secrets.guess), send('x')])
    await fetch(`${url}/login`, { method: 'POST', body: new URLSearchParams({ token: secrets.guess }) })
    child.kill('SIGTERM')
    await once(child, 'close')
    for (const secret of [token, entry.sha256, ...Object.values(secrets)]) expect(said()).not.toContain(secret)
  })

  test('lets requests end when it is told to, takes no others, and ends with 0', async () => {
    const cli = await setup()
    await cli.run(['provision', 'letters'])
    const { url, child } = await listening(cli)
    const ended = once(child, 'close')
    const upload = request(`${url}/v1/queues/letters/jobs`, { method: 'POST' })
    upload.write('first half, ')
    const [socket] = (await once(upload, 'socket')) as [Socket]
    if (socket.connecting) await once(socket, 'connect')
    expect((await fetch(`${url}/health`)).status).toBe(200)
    child.kill('SIGTERM')
    await expect
      .poll(
        () =>
          fetch(`${url}/health`).then(
            () => 'open',
            () => 'closed',
          ),
        patience,
      )
      .toBe('closed')
    upload.end('second half')
    const [answer] = (await once(upload, 'response')) as [IncomingMessage]
    const { id } = JSON.parse(await text(answer)) as { id: string }
    expect(await ended).toEqual([0, null])
    const job = await cli.queue('letters').next()
    expect([job.id, await job.text()]).toEqual([id, 'first half, second half'])
    await job.complete()
  })

  test('says that a port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address ? String(address.port) : ''
    const { code, stderr } = await (await setup()).run(['serve', '--port', port])
    expect([code, stderr]).toEqual([8, `error: Port ${port} of 127.0.0.1 is taken: choose another --port\n`])
  })

  test.each([
    ['nothing', '', 'Expected `tokens` to be a list'],
    ['what is no YAML', '[{', 'it is neither JSON nor YAML'],
    ['a token for its hash', '- {name: ci, sha256: remotejob_c0ffee, scopes: [read]}', 'the hash, not the token'],
  ])('refuses a file of tokens with %s, and shows nothing of it', async (_, content, message) => {
    const cli = await setup()
    await cli.files({ 'tokens.yaml': content })
    const { code, stderr } = await cli.run(['serve', '--port', '0', '--tokens', 'tokens.yaml'])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('c0ffee')
  })
})

describe('remotejob token create', { timeout: 60_000 }, () => {
  test('prints the token once, and what the file takes', async () => {
    const cli = await setup()
    const { code, stdout } = await cli.run(['token', 'create', '-n', 'ci', '--scope', 'submit', '--scope', 'read'])
    expect(code).toBe(0)
    const [token = '', ...entry] = stdout.split('\n')
    expect(token).toMatch(/^remotejob_[\w-]{43}$/)
    const entries: unknown = parse(entry.join('\n'))
    expect(entries).toEqual([
      { name: 'ci', sha256: expect.stringMatching(/^[\da-f]{64}$/), scopes: ['submit', 'read'], queues: ['*'] },
    ])
    expect(entry.join('\n')).not.toContain(token.slice(-43))
  })

  test.each([
    [['-n', 'ci'], "required option '--scope <scope>' not specified"],
    [['-n', 'ci', '--scope', 'write'], 'Expected submit, read or admin'],
    [['-n', '', '--scope', 'read'], '1 to 128 printable ASCII characters'],
  ])('with %j says what is wrong', async (words, message) => {
    const { code, stderr } = await (await setup()).run(['token', 'create', ...words])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})
