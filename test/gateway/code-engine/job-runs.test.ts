import { expect, test } from 'vitest'
import { namesOf, nextOf, refusalOf, required, setup } from './setup.ts'

const runs = '/runs/job_runs'
const literal = (name: string, value: string) => ({ type: 'literal', name, value })

test.skipIf(process.platform === 'win32')(
  'a run of a job is submitted, worked on and looked at until its end',
  { timeout: 60_000 },
  async () => {
    const { ask, worker, runs: all } = await setup()
    await ask('POST', '/runs/config_maps', { json: { name: 'settings', data: { LEVEL: 'info' } } })
    await ask('POST', '/runs/secrets', { json: { format: 'generic', name: 'db', data: { password: 'hidden' } } })
    await ask('POST', '/runs/jobs', {
      json: {
        name: 'sum',
        image_reference: '',
        run_commands: ['sh', '-c', 'echo "$LEVEL $PASSWORD $EXTRA"; test "$JOB_INDEX" != 3'],
        run_env_variables: [
          { type: 'config_map_full_reference', reference: 'settings' },
          { type: 'secret_key_reference', name: 'PASSWORD', reference: 'db', key: 'password' },
        ],
        scale_array_spec: '0-4',
        scale_retry_limit: 0,
      },
    })
    const json = { job_name: 'sum', name: 'first', run_env_variables: [literal('EXTRA', '1')] }
    const submitted = await ask('POST', `${runs}?version=2024-11-18`, { json })
    expect(submitted.status).toBe(202)
    expect(Object.keys(submitted.body)).toEqual(expect.arrayContaining([...required.jobRun]))
    expect(submitted.body).toMatchObject({
      name: 'first',
      job_name: 'sum',
      resource_type: 'job_run_v2',
      project_id: 'runs',
      status: 'pending',
      status_details: {
        requested: 0,
        pending: 5,
        pending_indices: '0-4',
        running: 0,
        failed: 0,
        succeeded: 0,
        unknown: 0,
      },
    })
    worker()
    await all.wait('first')
    const { status, body } = await ask('GET', `${runs}/first`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      id: submitted.body['id'],
      created_at: submitted.body['created_at'],
      status: 'failed',
      status_details: {
        start_time: expect.stringMatching(/Z$/),
        completion_time: expect.stringMatching(/Z$/),
        succeeded: 4,
        succeeded_indices: '0-2,4',
        failed: 1,
        failed_indices: '3',
        indices_details: { 3: { status: 'failed', retries: 0, last_failure_reason: 'ContainerExitedCode1' } },
      },
    })
    const logs = await Array.fromAsync(all.logs('first', { index: 0 }), ({ bytes }) => Buffer.from(bytes).toString())
    expect(logs.join('')).toBe('info hidden 1\n')
  },
)

test('a run has a name by itself when it is of a job, and needs one when it is not', async () => {
  const { ask, runs: all } = await setup()
  await all.jobs.create({ name: 'sum', command: ['true'] })
  const unnamed = await ask('POST', runs, { json: { job_name: 'sum' } })
  expect(unnamed.body['name']).toMatch(/^sum-jobrun-[\da-f]{5}$/)
  const own = await ask('POST', runs, { json: { name: 'own', run_commands: ['true'], scale_cpu_limit: '2' } })
  expect(own).toMatchObject({ status: 202, body: { name: 'own', scale_cpu_limit: '2' } })
  // There is no such job to be found.
  expect(own.body).not.toHaveProperty('job_name')
  expect(refusalOf(await ask('POST', runs, { json: { run_commands: ['true'] } }))).toMatchObject({
    status: 400,
    target: { name: 'name' },
  })
})

test('what a run says instead of its job is refused in the words of the request', async () => {
  const { ask, runs: all } = await setup()
  await all.jobs.create({ name: 'sum', image: 'one', command: ['true'] })
  const cases: readonly (readonly [Readonly<Record<string, unknown>>, number, string | undefined])[] = [
    [{ scale_retry_limit: 6 }, 400, 'scale_retry_limit'],
    [{ scale_memory_limit: '3G' }, 400, 'scale_memory_limit'],
    [{ image_reference: 'another' }, 400, 'image_reference'],
    [{ name: 'a'.repeat(54) }, 400, 'name'],
    [{ job_name: 'none' }, 404, undefined],
  ]
  for (const [said, status, name] of cases) {
    const refusal = refusalOf(await ask('POST', runs, { json: { job_name: 'sum', ...said } }))
    expect(refusal).toMatchObject(name === undefined ? { status } : { status, target: { type: 'field', name } })
  }
  expect(await all.list()).toEqual([])
})

test('a run’s name is given once', async () => {
  const { ask } = await setup()
  const json = { name: 'own', run_commands: ['true'] }
  const answers = await Promise.all([1, 2, 3].map(() => ask('POST', runs, { json })))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409])
})

test('runs are listed page by page, all or those of a job', async () => {
  const { ask, runs: all } = await setup()
  await all.jobs.create({ name: 'sum', command: ['true'] })
  const names = Array.from({ length: 13 }, (_, index) => `run-${String(index).padStart(2, '0')}`)
  for (const runName of names) await all.submit({ job: 'sum', runName })
  // Beside each other in every order that a store may have.
  for (const runName of ['run', 'run-0', 'run0']) await all.submit({ name: runName, runName, command: ['true'] })
  const pages = async (query: string): Promise<unknown[][]> => {
    const found: unknown[][] = []
    for (let start = ''; ;) {
      const page = await ask('GET', `${runs}?${query}${start === '' ? '' : `&start=${start}`}`)
      expect(page.status).toBe(200)
      found.push(namesOf(page, 'job_runs'))
      const next = nextOf(page)
      if (!next) return found
      if (query.includes('job_name')) expect(next.href).toContain('job_name=sum')
      start = next.start
    }
  }
  const everything = await pages('limit=5')
  expect(everything.map((page) => page.length)).toEqual([5, 5, 5, 1])
  expect(everything.flat().toSorted()).toEqual([...names, 'run', 'run-0', 'run0'].toSorted())
  expect((await pages('job_name=sum&limit=6')).flat()).toEqual(names)
  expect(await pages('job_name=none')).toEqual([[]])
})

test('a page that no page led to is refused in the words of the request', async () => {
  const { ask } = await setup()
  const start = Buffer.from(`a.${'b'.repeat(90)}`).toString('base64url')
  expect(refusalOf(await ask('GET', `${runs}?start=${start}`))).toMatchObject({
    status: 400,
    message: 'Expected start to be what the page before said in next',
  })
})

test('a run is deleted, and is not found from then on', async () => {
  const { ask, runs: all } = await setup()
  await all.submit({ name: 'own', runName: 'own', command: ['sleep', '60'] })
  expect(await ask('DELETE', `${runs}/own`)).toMatchObject({ status: 202, text: '' })
  expect(refusalOf(await ask('GET', `${runs}/own`))).toMatchObject({ status: 404, code: 'not_found' })
  expect(refusalOf(await ask('DELETE', `${runs}/own`))).toMatchObject({ status: 404 })
})

test.skipIf(process.platform === 'win32')(
  'a run whose time to live is over is not found',
  { timeout: 60_000 },
  async () => {
    const { ask, worker, runs: all } = await setup()
    await all.submit({ name: 'own', runName: 'own', command: ['true'], ttlSecondsAfterFinish: 0 })
    worker()
    await expect.poll(async () => (await ask('GET', `${runs}/own`)).status, { timeout: 20_000 }).toBe(404)
    expect(namesOf(await ask('GET', runs), 'job_runs')).toEqual([])
  },
)
