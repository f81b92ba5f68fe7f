import { expect, test } from 'vitest'
import { createToken } from '../../../src/gateway.ts'
import { namesOf, refusalOf, setup } from './setup.ts'

const id = '4e49b3e0-27a8-48d2-a784-c7ee48bb863b'

test('a project is the queue of its name, or the one that its id stands for', async () => {
  const { ask } = await setup({ projects: { [id]: 'runs' } })
  const created = await ask('POST', `/${id}/jobs`, { json: { name: 'sum', run_commands: ['true'] } })
  expect(created.body).toMatchObject({
    project_id: id,
    href: `http://localhost:8080/v2/projects/${id}/jobs/sum`,
  })
  expect((await ask('GET', '/runs/jobs/sum')).body).toMatchObject({ project_id: 'runs', id: created.body['id'] })
})

test('a project that there is not is not made, and nothing is told of where it was looked for', async () => {
  const { ask, directory } = await setup({ queues: ['r*', 'no*'], projects: { [id]: 'hidden' } })
  for (const project of ['none', 'other', id, 'a%20b', '..%2fruns', 'constructor', '__proto__']) {
    const answer = await ask('GET', `/${project}/jobs`)
    expect(refusalOf(answer), project).toMatchObject({ status: 404 })
    expect(answer.text).not.toContain(directory)
  }
  expect(refusalOf(await ask('POST', '/none/jobs', { json: { name: 'x', run_commands: ['y'] } }))).toMatchObject({
    status: 404,
  })
})

test('what is no route is told in the same form', async () => {
  const { ask } = await setup()
  for (const [method, path] of [
    ['GET', '/runs/apps'],
    ['PUT', '/runs/jobs/x'],
    ['GET', '/runs'],
  ] as const)
    expect(refusalOf(await ask(method, path))).toMatchObject({ status: 404, code: 'not_found' })
})

test('a token may do what its scopes and queues say', async () => {
  const tokens = {
    submit: createToken({ name: 'submit', scopes: ['submit'] }),
    read: createToken({ name: 'read', scopes: ['read'] }),
    admin: createToken({ name: 'admin', scopes: ['admin'], queues: ['runs'] }),
    elsewhere: createToken({ name: 'elsewhere', scopes: ['admin'], queues: ['other'] }),
  }
  const { ask } = await setup({ tokens: Object.values(tokens).map(({ entry }) => entry), projects: { [id]: 'runs' } })
  const job = { name: 'sum', run_commands: ['true'] }
  const calls: readonly (readonly [string, string, unknown, 'submit' | 'read' | 'admin'])[] = [
    ['POST', 'jobs', job, 'admin'],
    ['GET', 'jobs', undefined, 'read'],
    ['GET', 'jobs/sum', undefined, 'read'],
    ['PATCH', 'jobs/sum', {}, 'admin'],
    ['POST', 'job_runs', { job_name: 'sum', name: 'one' }, 'submit'],
    ['GET', 'job_runs', undefined, 'read'],
    ['GET', 'job_runs/one', undefined, 'read'],
    ['DELETE', 'job_runs/one', undefined, 'admin'],
    ['DELETE', 'jobs/sum', undefined, 'admin'],
    ['POST', 'config_maps', { name: 'c' }, 'admin'],
    ['GET', 'config_maps', undefined, 'read'],
    ['GET', 'config_maps/c', undefined, 'read'],
    ['PUT', 'config_maps/c', {}, 'admin'],
    ['DELETE', 'config_maps/c', undefined, 'admin'],
    ['POST', 'secrets', { name: 's', format: 'generic' }, 'admin'],
    ['GET', 'secrets', undefined, 'read'],
    ['GET', 'secrets/s', undefined, 'read'],
    ['PUT', 'secrets/s', { format: 'generic' }, 'admin'],
    ['DELETE', 'secrets/s', undefined, 'admin'],
  ]
  for (const [method, path, json, scope] of calls) {
    const headers = (token?: string) => ({
      'If-Match': '*',
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    })
    const asked = (token?: string) => ask(method, `/${id}/${path}`, { json, headers: headers(token) })
    expect(refusalOf(await asked()), path).toMatchObject({ status: 401, code: 'unauthorized' })
    expect(refusalOf(await asked('nonsense')), path).toMatchObject({ status: 401 })
    expect(refusalOf(await asked(tokens.elsewhere.token)), path).toMatchObject({ status: 403 })
    const poor = scope === 'read' ? tokens.submit : tokens.read
    expect(refusalOf(await asked(poor.token)), `${method} ${path}`).toMatchObject({ status: 403, code: 'forbidden' })
    const enough = scope === 'admin' ? tokens.admin : tokens[scope]
    expect((await asked(enough.token)).status, `${method} ${path}`).toBeLessThan(300)
  }
})

test('who may submit runs what is stored, and learns no more of it than that it runs', async () => {
  const { token, entry } = createToken({ name: 'submit', scopes: ['submit'] })
  const { ask, runs } = await setup({ tokens: [entry] })
  const environment = [{ kind: 'literal', name: 'URL', value: 'hidden' }] as const
  await runs.jobs.create({ name: 'sum', command: ['./sum'], environment })
  const submit = (said: Readonly<Record<string, unknown>>) =>
    ask('POST', '/runs/job_runs', { json: { job_name: 'sum', ...said }, headers: { Authorization: `Bearer ${token}` } })
  const literal = { type: 'literal', name: 'URL', value: 'mine' }
  const plain = await submit({ run_arguments: ['--all'], run_env_variables: [literal], scale_array_spec: '0-3' })
  expect(plain).toMatchObject({ status: 202, body: { job_name: 'sum', run_env_variables: [] } })
  expect(plain.text).not.toContain('hidden')
  const own = refusalOf(await submit({ job_name: undefined, name: 'own', run_commands: ['sh'] }))
  expect(own).toMatchObject({ status: 403, code: 'forbidden' })
  const variable = (name: string) => ({ run_env_variables: [{ type: 'literal', name, value: '--require=/x' }] })
  const key = { type: 'config_map_key_reference', name: 'A', reference: 'db', key: 'b' }
  for (const said of [
    { run_commands: ['sh'] },
    { image_reference: 'mine' },
    { run_env_variables: [{ type: 'secret_full_reference', reference: 'db' }] },
    { run_env_variables: [literal, key] },
    { run_volume_mounts: [{ type: 'secret', mount_path: 'db', reference: 'db' }] },
    ...['NODE_OPTIONS', 'LD_PRELOAD', 'PATH'].map(variable),
  ])
    expect(refusalOf(await submit(said)), JSON.stringify(said)).toMatchObject({
      status: 403,
      code: 'forbidden',
      message: expect.stringMatching(`\`${Object.keys(said).join('')}\`.*scope "admin"`),
    })
  expect((await runs.list()).map(({ name }) => name)).toEqual([plain.body['name']])
})

test('what an answer refers to is where a trusted proxy has the gateway', async () => {
  const { ask } = await setup({ open: true, trustedProxies: ['127.0.0.0/8'] })
  const headers = { 'X-Forwarded-For': '192.0.2.1', 'X-Forwarded-Proto': 'https' }
  const { body } = await ask('POST', '/runs/config_maps', { json: { name: 'mine' }, headers })
  expect(body['href']).toBe('https://localhost:8080/v2/projects/runs/config_maps/mine')
})

test('a body that breaks off is refused, and nothing is made of it', async () => {
  const reported: unknown[] = []
  const { ask } = await setup({ onError: (error) => reported.push(error) })
  for (const kind of ['jobs', 'job_runs', 'config_maps', 'secrets']) {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('{"name":"mine","run_commands":["true"],"format":"generic"}'))
      },
      pull(controller) {
        controller.error(new Error('gone'))
      },
    })
    const answer = await ask('POST', `/runs/${kind}`, { body, headers: { 'Content-Type': 'application/json' } })
    expect(refusalOf(answer), kind).toMatchObject({ status: 400, message: expect.stringContaining('broke off') })
    expect(namesOf(await ask('GET', `/runs/${kind}`), kind)).toEqual([])
  }
  expect(reported).toEqual([])
})

test('of things of one name that are made at the same time one is', async () => {
  const { ask } = await setup()
  for (const [kind, json] of [
    ['jobs', { name: 'mine', run_commands: ['true'] }],
    ['config_maps', { name: 'mine' }],
    ['secrets', { name: 'mine', format: 'generic' }],
  ] as const) {
    const answers = await Promise.all([1, 2, 3].map(() => ask('POST', `/runs/${kind}`, { json })))
    expect(answers.map(({ status }) => status).toSorted(), kind).toEqual([201, 409, 409])
  }
})

test('a body is JSON of no more bytes than its kind takes', async () => {
  const { ask } = await setup()
  const json = { 'Content-Type': 'application/json' }
  const post = (kind: string, body: RequestInit['body'], headers = json) =>
    ask('POST', `/runs/${kind}`, { body, headers })
  const stream = (bytes: number) =>
    new ReadableStream({
      pull(controller) {
        controller.enqueue(Buffer.alloc(1024, 32))
        bytes -= 1024
        if (bytes <= 0) controller.close()
      },
    })
  for (const [kind, most] of [
    ['jobs', 64 * 1024],
    ['job_runs', 64 * 1024],
    ['config_maps', 4 * 1024 * 1024],
    ['secrets', 4 * 1024 * 1024],
  ] as const) {
    expect(refusalOf(await post(kind, stream(most + 1024))), kind).toMatchObject({ status: 413 })
    expect(refusalOf(await post(kind, ' '.repeat(most + 1)))).toMatchObject({ status: 413 })
    expect(refusalOf(await post(kind, ''))).toMatchObject({ status: 400 })
    expect(refusalOf(await post(kind, Buffer.from([0x22, 0xff, 0x22])))).toMatchObject({ status: 400 })
    for (const body of ['null', '[]', '"text"', '7', '['.repeat(30_000), '{"a":'.repeat(10_000)])
      expect(refusalOf(await post(kind, body)), body.slice(0, 9)).toMatchObject({ status: 400 })
    expect(refusalOf(await post(kind, '{}', { 'Content-Type': 'text/plain' }))).toMatchObject({ status: 415 })
  }
})

test('a patch that is no object, or nested without end, changes nothing', async () => {
  const { ask } = await setup()
  await ask('POST', '/runs/jobs', { json: { name: 'sum', run_commands: ['true'] } })
  const deep = '{"remotejob":'.repeat(4000) + '1' + '}'.repeat(4000)
  for (const body of ['null', '[]', '7', '"text"', deep, '{"__proto__":{"run_commands":["x"]}}']) {
    const headers = { 'Content-Type': 'application/merge-patch+json', 'If-Match': '*' }
    expect(refusalOf(await ask('PATCH', '/runs/jobs/sum', { body, headers })), body.slice(0, 20)).toMatchObject({
      status: 400,
    })
  }
  expect((await ask('GET', '/runs/jobs/sum')).body).toMatchObject({ entity_tag: '1', run_commands: ['true'] })
})
