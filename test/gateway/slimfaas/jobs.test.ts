import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fibonacci, type Listed, setup } from './setup.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const ended = (listed: readonly Listed[]): boolean =>
  listed.every(({ Status }) => Status === 'Succeeded' || Status === 'Failed')

/** What the instances of a run printed. */
async function printedBy(runs: Awaited<ReturnType<typeof setup>>['runs'], run: string): Promise<string> {
  const chunks = await Array.fromAsync(runs.logs(run))
  return Buffer.concat(chunks.map(({ bytes }) => bytes)).toString()
}

describe('POST /job/<name>', () => {
  test('answers 202 with an id that the list shows, first as Queued and after a worker came as Succeeded', async () => {
    const { call, list, until, runs } = await setup()
    const before = Date.now()
    const answer = await call('POST', '/job/fibonacci', { Args: ['10', '--slow'] })
    expect(answer.status).toBe(202)
    expect(answer.headers.get('Content-Type')).toContain('application/json')
    expect(answer.headers.get('Warning')).toBeNull()
    const body = await answer.text()
    expect(body).toMatch(/^\{"Id":"[^"]+"\}$/)
    const { Id } = JSON.parse(body) as { readonly Id: string }
    expect(Id).toMatch(uuid)
    const [queued] = await list('fibonacci')
    expect(Object.keys(queued ?? {})).toEqual([
      'Name',
      'Status',
      'Id',
      'PositionInQueue',
      'InQueueTimestamp',
      'StartTimestamp',
    ])
    expect(queued).toMatchObject({ Status: 'Queued', Id, PositionInQueue: 1, StartTimestamp: -1 })
    expect(queued?.Name).toMatch(/^fibonacci-slimfaas-job-[0-9a-z]{8}$/)
    await using _worker = runs.work()
    const [done] = await until('fibonacci', ended)
    expect(done).toMatchObject({ Name: queued?.Name, Status: 'Succeeded', Id, PositionInQueue: -1 })
    for (const ticks of [done?.InQueueTimestamp, done?.StartTimestamp]) {
      const at = Number(BigInt(ticks ?? 0) / 10_000n - 62_135_596_800_000n)
      expect(at).toBeGreaterThanOrEqual(before - 1000)
      expect(at).toBeLessThanOrEqual(Date.now() + 1000)
    }
    expect(await printedBy(runs, done?.Name ?? '')).toBe('10 --slow\n')
  })

  test('ticks are whole numbers in the text, to the very millisecond', async () => {
    const { call, runs, submit } = await setup()
    await submit('fibonacci')
    const text = await (await call('GET', '/job/fibonacci')).text()
    const [, ticks = ''] = /"InQueueTimestamp":(\d+),/.exec(text) ?? []
    const [run] = await runs.list()
    expect(BigInt(ticks)).toBe(BigInt(run?.submittedAt.getTime() ?? 0) * 10_000n + 621_355_968_000_000_000n)
  })

  test('programs are told their job and their run, as SlimFaas tells them', async () => {
    const told = { ...fibonacci, Command: ['sh', '-c', 'echo $SLIMFAAS_JOB_NAME $SLIMFAAS_JOB_RUN_NAME'] }
    const { submit, until, runs } = await setup({ told })
    await submit('told')
    await using _worker = runs.work()
    const [done] = await until('told', ended)
    expect(await printedBy(runs, done?.Name ?? '')).toBe(`told ${done?.Name}\n`)
  })

  test('the path may end in a slash', async () => {
    const { call } = await setup()
    const { Id } = (await (await call('POST', '/job/fibonacci/', {})).json()) as { readonly Id: string }
    expect(await (await call('GET', '/job/fibonacci/')).json()).toMatchObject([{ Id }])
    expect((await call('DELETE', `/job/fibonacci/${Id}/`)).status).toBe(200)
    expect((await call('GET', '/jobs/status/')).status).toBe(200)
    expect((await call('PUT', '/job/fibonacci/')).status).toBe(405)
  })

  test('waits in line: positions count from 1 in the order of submission', async () => {
    const { submit, list } = await setup()
    const ids = []
    for (const number of [1, 2, 3]) ids.push(await submit('fibonacci', { Args: [String(number)] }))
    const listed = await list('fibonacci')
    expect(listed.map(({ Id }) => Id)).toEqual(ids)
    expect(listed.map(({ PositionInQueue }) => PositionInQueue)).toEqual([1, 2, 3])
  })

  test('the name may be in capitals, and no other name’s runs are listed', async () => {
    const { submit, list } = await setup({ fibonacci, 'fibonacci-2': fibonacci })
    const one = await submit('FIBONACCI')
    const other = await submit('fibonacci-2')
    expect((await list('fibonacci')).map(({ Id }) => Id)).toEqual([one])
    expect((await list('Fibonacci-2')).map(({ Id }) => Id)).toEqual([other])
    expect(await list('fibonacci-3')).toEqual([])
    expect(await list('no such name, and no name at all')).toEqual([])
  })

  test(
    'no more than NumberParallelJob run at a time, and one that ended frees its place at once',
    { timeout: 60_000 },
    async () => {
      // The first waits for the second, so that there are two at the same time, however slow the machine is.
      const script = 'echo + >>"$0"; until [ "$(grep -c + "$0")" -ge 2 ]; do sleep 0.1; done; sleep 0.3; echo - >>"$0"'
      const scene = await setup()
      await scene.gateway.ready()
      const file = join(scene.directory, 'at-work')
      await scene.runs.jobs.update('fibonacci', { command: ['sh', '-c', script, file] })
      const ids = await Promise.all(Array.from({ length: 6 }, () => scene.submit('fibonacci')))
      expect(new Set(ids).size).toBe(6)
      await using _worker = scene.runs.work({ concurrency: 6 })
      await scene.until('fibonacci', ended)
      const marks = (await readFile(file, 'utf8')).trim().split('\n')
      const most = Math.max(...marks.map((_, at) => balance(marks.slice(0, at + 1))))
      expect(marks).toHaveLength(12)
      expect(most).toBe(2)
    },
  )

  test('BackoffLimit of a request counts, not that of the configuration', { timeout: 60_000 }, async () => {
    const failing = { ...fibonacci, Command: ['sh', '-c', 'echo try; exit 3'], BackoffLimit: 2 }
    const { submit, until, runs } = await setup({ failing })
    await submit('failing', { BackoffLimit: 0 })
    await submit('failing', { BackoffLimit: 1, RestartPolicy: 'OnFailure' })
    await using _worker = runs.work({ concurrency: 2 })
    const listed = await until('failing', ended)
    expect(listed.map(({ Status }) => Status)).toEqual(['Failed', 'Failed'])
    const states = await Promise.all(listed.map(({ Name }) => runs.get(Name)))
    expect(states.map((state) => state?.indexes[0]?.retries)).toEqual([0, 1])
  })

  test(
    'TtlSecondsAfterFinished of a request counts: its run goes while the other stays',
    { timeout: 60_000 },
    async () => {
      const { submit, until, runs } = await setup()
      const short = await submit('fibonacci', { TtlSecondsAfterFinished: 1 })
      const long = await submit('fibonacci')
      await using _worker = runs.work()
      await until('fibonacci', (listed) => listed.some(({ Id, Status }) => Id === long && Status === 'Succeeded'))
      const left = await until('fibonacci', (listed) => !listed.some(({ Id }) => Id === short))
      expect(left.map(({ Id }) => Id)).toEqual([long])
    },
  )

  test('Environments of a request come before those of the configuration', async () => {
    const Environments = [
      { name: 'KEPT', value: 'configured' },
      { name: 'TAKEN', value: 'configured' },
    ]
    const show = { ...fibonacci, Command: ['sh', '-c', 'echo $KEPT $TAKEN $MORE'], Environments }
    const { submit, until, runs } = await setup({ show })
    await submit('show', {
      Environments: [
        { Name: 'TAKEN', Value: 'sent' },
        { name: 'MORE', value: 'too' },
      ],
    })
    await using _worker = runs.work()
    const [done] = await until('show', ended)
    expect(await printedBy(runs, done?.Name ?? '')).toBe('configured sent too\n')
  })

  test(
    'DependsOn waits for a run, an empty list for nothing, and a name that there is not is refused',
    { timeout: 60_000 },
    async () => {
      const dependent = { ...fibonacci, DependsOn: ['fibonacci'] }
      const { submit, until, list, call, runs } = await setup({ fibonacci, dependent })
      const refused = await call('POST', '/job/dependent', {})
      expect(refused.status).toBe(400)
      expect(await refused.json()).toMatchObject({ detail: expect.stringMatching(/no run "fibonacci".*`DependsOn`/) })
      expect(await list('dependent')).toEqual([])
      await submit('dependent', { DependsOn: [] })
      await submit('fibonacci')
      await submit('dependent')
      await using _worker = runs.work({ only: ['dependent'] })
      const [free, waiting] = await until('dependent', ([first]) => first?.Status === 'Succeeded')
      expect([free?.Status, waiting?.Status]).toEqual(['Succeeded', 'Queued'])
      await using _other = runs.work()
      await until('dependent', ended)
    },
  )

  test('resources above the configured ones are lowered, and a Warning says so; so are those that are not configured', async () => {
    const { call, runs, list } = await setup({ fibonacci: { ...fibonacci, Resources: { Limits: { cpu: '400m' } } } })
    const Resources = { Requests: { memory: '1Gi' }, Limits: { cpu: '2', memory: '1Gi' } }
    const answer = await call('POST', '/job/fibonacci', { Resources })
    expect(answer.status).toBe(202)
    expect(answer.headers.get('Warning')).toBe(
      '299 - "Resources.Requests.memory is left out, since it is not configured", ' +
        '299 - "Resources.Limits.cpu is lowered to 400m, the most that is configured", ' +
        '299 - "Resources.Limits.memory is left out, since it is not configured"',
    )
    const [listed] = await list('fibonacci')
    expect((await runs.get(listed?.Name ?? ''))?.definition.cpu).toBe(0.4)
  })

  test('an image has to be the configured one, or match the list as a whole', async () => {
    const image = { Image: 'axaguildev/fibonacci-batch:latest', Visibility: 'Public' }
    const { call, list, runs } = await setup({
      closed: { ...image, ImagesWhitelist: [] },
      opened: { ...image, ImagesWhitelist: ['axaguildev/fibonacci-batch:*'] },
    })
    expect((await call('POST', '/job/closed', { Image: image.Image })).status).toBe(202)
    const other = await call('POST', '/job/closed', { Image: 'evil/miner' })
    expect(other.status).toBe(400)
    expect(await other.json()).toMatchObject({ code: 'INVALID_ARGUMENT', detail: expect.stringContaining('`Image`') })
    expect((await call('POST', '/job/opened', { Image: 'axaguildev/fibonacci-batch:1.0.1' })).status).toBe(202)
    expect((await call('POST', '/job/opened', { Image: 'evil/axaguildev/fibonacci-batch:1' })).status).toBe(400)
    const [run] = await list('opened')
    expect((await runs.get(run?.Name ?? ''))?.definition.image).toBe('axaguildev/fibonacci-batch:1.0.1')
  })

  test('a name that is not configured is run as Default says, under its own name', { timeout: 60_000 }, async () => {
    const { submit, until, call, runs } = await setup({ Default: { Command: ['echo', 'hello'] } })
    const id = await submit('whatever', { Args: ['you'] })
    await using _worker = runs.work()
    const [done] = await until('whatever', (listed) => listed.length > 0 && ended(listed))
    expect(done).toMatchObject({ Id: id, Status: 'Succeeded' })
    expect(done?.Name).toMatch(/^whatever-slimfaas-job-/)
    expect(await printedBy(runs, done?.Name ?? '')).toBe('hello you\n')
    expect((await runs.get(done?.Name ?? ''))?.job).toBe('default')
    expect((await call('DELETE', `/job/whatever/${id}`)).status).toBe(200)
  })

  test('without Default it is 404, and so are stored jobs that no configuration of SlimFaas describes', async () => {
    const { call, runs } = await setup()
    await runs.jobs.create({ name: 'plain', command: ['true'] })
    for (const name of ['unknown', 'plain', '___'.padEnd(3)]) {
      const answer = await call('POST', `/job/${encodeURIComponent(name)}`, {})
      expect([name, answer.status]).toEqual([name, name === '___' ? 400 : 404])
    }
    expect(await (await call('GET', '/job/plain')).json()).toEqual([])
    expect(await runs.list()).toEqual([])
  })
})

describe('DELETE /job/<name>/<id>', () => {
  test(
    'ends what is queued, what runs and what has finished, with 200 and nothing; afterwards it is 404',
    { timeout: 60_000 },
    async () => {
      const sleeper = { ...fibonacci, Command: ['sh', '-c', 'sleep "$0"'], NumberParallelJob: 1 }
      const { submit, until, list, call, runs } = await setup({ sleeper })
      const finished = await submit('sleeper', { Args: ['0'] })
      const running = await submit('sleeper', { Args: ['600'] })
      const queued = await submit('sleeper', { Args: ['600'] })
      await using _worker = runs.work()
      await until('sleeper', (listed) => listed.map(({ Status }) => Status).join() === 'Succeeded,Running,Queued')
      expect((await list('sleeper')).map(({ PositionInQueue }) => PositionInQueue)).toEqual([-1, -1, 1])
      for (const id of [queued, finished, running.toUpperCase()]) {
        const answer = await call('DELETE', `/job/sleeper/${id}`)
        expect([answer.status, await answer.text()]).toEqual([200, ''])
        expect((await call('DELETE', `/job/sleeper/${id}`)).status).toBe(404)
      }
      expect(await list('sleeper')).toEqual([])
    },
  )

  test('finds runs that others made of the job, by the id that the list shows', async () => {
    const { gateway, list, call, runs } = await setup()
    await gateway.ready()
    await runs.submit({ job: 'fibonacci' })
    const [listed] = await list('fibonacci')
    expect(listed).toMatchObject({ Status: 'Queued', PositionInQueue: 1 })
    expect((await call('DELETE', `/job/fibonacci/${listed?.Id}`)).status).toBe(200)
    expect(await runs.list()).toEqual([])
  })

  test('an id of another job, one of no job and what is no id are 404, and nothing is deleted', async () => {
    const { submit, list, call } = await setup({ fibonacci, other: fibonacci })
    const id = await submit('fibonacci')
    const ids = [id, '00000000-0000-8000-8000-000000000000', '7', '..%2f..', '%00', 'fibonacci-slimfaas-job-00000000']
    for (const one of ids) expect((await call('DELETE', `/job/other/${one}`)).status).toBe(404)
    expect((await call('DELETE', `/job/x/${id}`)).status).toBe(400)
    expect(await list('fibonacci')).toHaveLength(1)
  })
})

/** Marks of beginnings less marks of ends. */
function balance(marks: readonly string[]): number {
  return marks.reduce((sum, mark) => sum + (mark === '+' ? 1 : -1), 0)
}
