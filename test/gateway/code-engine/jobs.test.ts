import { expect, test } from 'vitest'
import { slimFaasConfiguration } from '../../../src/runs.ts'
import { namesOf, nextOf, refusalOf, required, setup } from './setup.ts'

const image = { name: 'my-job', image_reference: 'icr.io/codeengine/helloworld' }
const jobs = '/runs/jobs'
const merge = { 'Content-Type': 'application/merge-patch+json' }

test('a job is created as its SDK asks for it, and has all that its SDK needs', async () => {
  const { ask, runs } = await setup({ region: 'eu-de' })
  const answer = await ask('POST', `${jobs}?version=2024-11-18`, {
    json: {
      ...image,
      run_arguments: ['a'],
      run_commands: ['b'],
      run_env_variables: [{ type: 'literal', name: 'SOME', value: 'VALUE', key: 'K', prefix: 'P_', reference: 'r' }],
      run_mode: 'task',
      run_service_account: 'default',
      run_volume_mounts: [{ mount_path: '/app', reference: 'my-secret', type: 'secret' }],
      scale_array_spec: '1-5,7-8,10',
      scale_cpu_limit: '1',
      scale_ephemeral_storage_limit: '4G',
      scale_max_execution_time: 7200,
      scale_memory_limit: '4G',
      scale_retry_limit: 3,
    },
  })
  expect(answer.status).toBe(201)
  expect(Object.keys(answer.body)).toEqual(expect.arrayContaining([...required.job]))
  expect(answer.body).toMatchObject({
    ...image,
    entity_tag: '1',
    resource_type: 'job_v2',
    project_id: 'runs',
    region: 'eu-de',
    href: 'http://localhost:8080/v2/projects/runs/jobs/my-job',
    id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/),
    created_at: expect.stringMatching(/Z$/),
    run_env_variables: [{ type: 'literal', name: 'SOME', value: 'VALUE' }],
    scale_array_spec: '1-5,7-8,10',
  })
  expect(answer.body['computed_env_variables']).toContainEqual({ type: 'literal', name: 'JOB_ARRAY_SIZE', value: '8' })
  expect(answer.headers.get('ETag')).toBe('"1"')
  expect(await ask('GET', `${jobs}/my-job`)).toMatchObject({ status: 200, body: answer.body })
  expect((await runs.jobs.get('my-job'))?.definition).toMatchObject({ image: image.image_reference, arguments: ['a'] })
})

test('a job without an image is a program of the worker’s machine, and says so with an empty one', async () => {
  const { ask, runs } = await setup()
  const created = await ask('POST', jobs, { json: { name: 'sum', image_reference: '', run_commands: ['./sum'] } })
  expect(created).toMatchObject({ status: 201, body: { image_reference: '', run_commands: ['./sum'] } })
  expect((await runs.jobs.get('sum'))?.definition.image).toBeUndefined()
  // What was shown can be sent again, as `apply` and a copy to another project do.
  const copy = await ask('POST', jobs, { json: { ...created.body, name: 'copy' } })
  expect(copy).toMatchObject({ status: 201, body: { run_commands: ['./sum'], entity_tag: '1' } })
  expect(copy.body['id']).not.toBe(created.body['id'])
})

test('a daemon is created, changed into a task and back, without limits that it cannot have', async () => {
  const { ask } = await setup()
  expect((await ask('POST', jobs, { json: { ...image, run_mode: 'daemon' } })).status).toBe(201)
  const patch = (json: unknown) => ask('PATCH', `${jobs}/my-job`, { json, headers: { ...merge, 'If-Match': '*' } })
  expect((await patch({ run_mode: 'task', scale_retry_limit: 5 })).body).toMatchObject({ scale_retry_limit: 5 })
  const daemon = await patch({ run_mode: 'daemon' })
  expect(daemon).toMatchObject({ status: 200, body: { run_mode: 'daemon' } })
  expect(daemon.body).not.toHaveProperty('scale_retry_limit')
  expect(refusalOf(await patch({ scale_max_execution_time: 5 }))).toMatchObject({
    status: 400,
    target: { type: 'field', name: 'scale_max_execution_time' },
  })
})

test('a patch changes what it has, takes back what it has as null, and replaces lists whole', async () => {
  const { ask } = await setup()
  const env = [
    { type: 'literal', name: 'A', value: '1' },
    { type: 'literal', name: 'B', value: '2' },
  ]
  const created = await ask('POST', jobs, { json: { ...image, run_env_variables: env, scale_array_spec: '0-9' } })
  const changed = await ask('PATCH', `${jobs}/my-job`, {
    json: { run_env_variables: env.slice(1), scale_array_spec: null, remotejob: { parallelism: 2 } },
    headers: { ...merge, 'If-Match': '1' },
  })
  expect(changed).toMatchObject({
    status: 200,
    body: {
      ...image,
      entity_tag: '2',
      run_env_variables: env.slice(1),
      scale_array_spec: '0',
      remotejob: { parallelism: 2, ttl_seconds_after_finish: 604_800 },
      id: created.body['id'],
      created_at: created.body['created_at'],
    },
  })
})

test('a patch of another version than the one that is there changes nothing', async () => {
  const { ask } = await setup()
  await ask('POST', jobs, { json: image })
  const patch = (tag: string, value: string) =>
    ask('PATCH', `${jobs}/my-job`, { json: { run_arguments: [value] }, headers: { ...merge, 'If-Match': tag } })
  expect((await patch('1', 'first')).headers.get('ETag')).toBe('"2"')
  for (const stale of ['1', '"1"', '3', 'W/"2"', 'nonsense', '"2', '1, 2'])
    expect(refusalOf(await patch(stale, 'late')), stale).toMatchObject({ status: 412 })
  expect(refusalOf(await patch('', 'unsaid'))).toMatchObject({ status: 428 })
  expect((await ask('GET', `${jobs}/my-job`)).body).toMatchObject({ entity_tag: '2', run_arguments: ['first'] })
  expect((await patch('"2"', 'second')).status).toBe(200)
})

test('of patches of one version that come at the same time one is made, and of patches of any version all are', async () => {
  const { ask } = await setup()
  await ask('POST', jobs, { json: image })
  const patch = (json: unknown, tag: string) =>
    ask('PATCH', `${jobs}/my-job`, { json, headers: { ...merge, 'If-Match': tag } })
  const rivals = await Promise.all(['a', 'b', 'c'].map((word) => patch({ run_arguments: [word] }, '1')))
  expect(rivals.map(({ status }) => status).toSorted()).toEqual([200, 412, 412])
  const both = await Promise.all([patch({ run_commands: ['x'] }, '*'), patch({ scale_retry_limit: 1 }, '*')])
  expect(both.map(({ status }) => status)).toEqual([200, 200])
  expect((await ask('GET', `${jobs}/my-job`)).body).toMatchObject({
    entity_tag: '4',
    run_arguments: rivals.find(({ status }) => status === 200)?.body['run_arguments'],
    run_commands: ['x'],
    scale_retry_limit: 1,
  })
})

test('a job of SlimFaas’s words is shown and changed like any other, and keeps what it may ask for', async () => {
  const { ask, runs } = await setup()
  const Resources = { Requests: { cpu: '100m', memory: '100Mi' }, Limits: { cpu: '300m', memory: '200Mi' } }
  const { definitions } = slimFaasConfiguration({
    Configurations: { fib_1: { Image: 'fibonacci:latest', Resources, BackoffLimit: 9 } },
  })
  for (const definition of definitions) await runs.jobs.create(definition)
  const before = await ask('GET', `${jobs}/fib_1`)
  expect(before).toMatchObject({ status: 200, body: { image_reference: 'fibonacci:latest', scale_retry_limit: 9 } })
  const changed = await ask('PATCH', `${jobs}/fib_1`, { json: { run_arguments: ['42'] }, headers: { 'If-Match': '1' } })
  expect(changed).toMatchObject({
    status: 200,
    body: { ...before.body, entity_tag: '2', run_arguments: ['42'] },
  })
  expect((await runs.jobs.get('fib_1'))?.definition.slimFaas).toEqual(definitions[0]?.slimFaas)
  expect(namesOf(await ask('GET', `${jobs}?limit=1`), 'jobs')).toEqual(['fib_1'])
})

test('a job keeps its name', async () => {
  const { ask } = await setup()
  await ask('POST', jobs, { json: image })
  const renamed = await ask('PATCH', `${jobs}/my-job`, { json: { name: 'other' }, headers: { 'If-Match': '*' } })
  expect(refusalOf(renamed)).toMatchObject({ status: 400, target: { name: 'name' } })
})

test('jobs are listed page by page', async () => {
  const { ask, runs } = await setup()
  for (const name of ['e', 'a', 'd', 'b', 'c']) await runs.jobs.create({ name, command: ['true'] })
  const first = await ask('GET', `${jobs}?limit=2&version=2024-11-18`)
  expect(first).toMatchObject({
    status: 200,
    body: {
      limit: 2,
      first: { href: 'http://localhost:8080/v2/projects/runs/jobs?limit=2&version=2024-11-18' },
      next: { href: expect.stringContaining('start='), start: expect.any(String) },
    },
  })
  expect(namesOf(first, 'jobs')).toEqual(['a', 'b'])
  const next = nextOf(first)
  expect(next?.href).toContain(`start=${next?.start}`)
  // What goes meanwhile moves nothing that is still to come.
  await runs.jobs.delete('b')
  const second = await ask('GET', (next?.href ?? '').replace('http://localhost:8080/v2/projects', ''))
  expect(namesOf(second, 'jobs')).toEqual(['c', 'd'])
  const last = await ask('GET', `${jobs}?limit=2&start=${nextOf(second)?.start}`)
  expect(namesOf(last, 'jobs')).toEqual(['e'])
  expect(last.body).not.toHaveProperty('next')
  expect(namesOf(await ask('GET', jobs), 'jobs')).toEqual(['a', 'c', 'd', 'e'])
})

test('a page that cannot be is refused', async () => {
  const { ask } = await setup()
  for (const query of ['limit=0', 'limit=101', 'limit=1e1', 'limit=-1', 'start=%00', 'start=Li4vLi4', 'start=a%20b'])
    expect(refusalOf(await ask('GET', `${jobs}?${query}`)), query).toMatchObject({ status: 400 })
})

test('a job is deleted, and its runs with it', async () => {
  const { ask, runs } = await setup()
  await runs.jobs.create({ name: 'sum', command: ['true'] })
  await runs.submit({ job: 'sum', runName: 'sum-1' })
  expect(await ask('DELETE', `${jobs}/sum?keep_service_access=true`)).toMatchObject({ status: 202, text: '' })
  expect(await runs.jobs.get('sum')).toBeUndefined()
  expect(await runs.get('sum-1')).toBeUndefined()
  expect(refusalOf(await ask('DELETE', `${jobs}/sum`))).toMatchObject({ status: 404, code: 'not_found' })
})

test('a name that is taken is a conflict, and one that there is not is not found', async () => {
  const { ask } = await setup()
  await ask('POST', jobs, { json: image })
  expect(refusalOf(await ask('POST', jobs, { json: image }))).toMatchObject({ status: 409, code: 'id_in_use' })
  expect(refusalOf(await ask('GET', `${jobs}/none`))).toMatchObject({ status: 404, code: 'not_found' })
  expect(refusalOf(await ask('PATCH', `${jobs}/none`, { json: {}, headers: { 'If-Match': '*' } }))).toMatchObject({
    status: 404,
  })
})

test('a job that cannot be is refused by the member that is wrong, and nothing of it is stored', async () => {
  const { ask } = await setup()
  const cases: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ scale_cpu_limit: '3' }, 'scale_cpu_limit'],
    [{ scale_cpu_limit: 1 }, 'scale_cpu_limit'],
    [{ scale_retry_limit: 6 }, 'scale_retry_limit'],
    [{ scale_array_spec: '5-1' }, 'scale_array_spec'],
    [{ run_mode: 'batch' }, 'run_mode'],
    [{ run_env_variables: [{ type: 'literal', value: 'x' }] }, 'run_env_variables[0].name'],
    [
      { run_volume_mounts: [{ type: 'persistent_data_store', mount_path: '/x', reference: 'y' }] },
      'run_volume_mounts[0].type',
    ],
    [{ run_arguments: 'text' }, 'run_arguments'],
    [{ image_secret: 'mine' }, 'image_secret'],
    [{ run_as_user: 1001 }, 'run_as_user'],
    [{ scale_min_instances: 1 }, 'scale_min_instances'],
    [{ name: 'Upper' }, 'name'],
    [{ name: undefined }, 'name'],
  ]
  for (const [wrong, name] of cases) {
    const answer = await ask('POST', jobs, { json: { ...image, ...wrong } })
    expect(refusalOf(answer), name).toMatchObject({ status: 400, target: { type: 'field', name } })
  }
  expect(namesOf(await ask('GET', jobs), 'jobs')).toEqual([])
})
