import { describe, expect, it } from 'vitest'
import { createGateway } from '../../../src/gateway.ts'
import { localBackend } from '../../../src/local.ts'
import { grounds, here, useGateway } from '../setup.ts'
import { outputOf, packed, scripted, setup, storedOf } from './setup.ts'

describe.skipIf(process.platform === 'win32').each(grounds)('jobd’s routes, on $ground', ({ start }) => {
  const stage = useGateway(start)

  it('take a zip, tell of it until it has ended, and then hand back all that is in its folder', async () => {
    const { upload, get, ended, work } = await setup(stage)
    const input = await packed({ 'run.sh': '#!/bin/sh\ncat in > out; echo said', in: 'text' })
    const made = await upload({ id: 'x', input, slurml: false })
    expect(made).toEqual({
      status: 201,
      body: {
        ID: 'x',
        Status: 'Pending',
        LastUpdated: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        Path: '',
        Input: '',
        Output: '',
        Message: '',
        SlurmID: 0,
        Slurml: false,
      },
    })
    const { status, body } = await get('x')
    expect(status).toBe(206)
    expect(body).toEqual({
      ID: 'x',
      Status: 'Pending',
      LastUpdated: expect.any(String),
      Message: '',
      SlurmID: 0,
      Slurml: false,
    })
    work()
    const end = await ended('x')
    expect(end).toMatchObject({
      status: 200,
      body: { ID: 'x', Status: 'Completed', Message: 'job finished successfully', Path: '', Input: '' },
    })
    expect(await outputOf(end)).toMatchObject({ in: 'text', out: 'text', 'stdout.txt': 'said\n', 'stderr.txt': '' })
  })

  it('tell that a job failed, with jobd’s words and what there was, and that one is being worked on', async () => {
    const { upload, get, ended, work, zips } = await setup(stage)
    await upload({ id: 'slow', input: await scripted('sleep 600') })
    const held = await zips.next()
    await held.progress('begun')
    expect(await get('slow')).toMatchObject({ status: 206, body: { Status: 'Processing' } })
    await held.fail(new Error('given up'))
    expect(await get('slow')).toMatchObject({
      status: 200,
      body: { Status: 'Failed', Message: 'given up', Output: '' },
    })
    await upload({ id: 'bad', input: await scripted('echo half > done; exit 3') })
    await upload({ id: 'none', input: Buffer.from('this is no zip').toString('base64') })
    await upload({ id: 'empty', input: await packed({ other: '' }) })
    work()
    const end = await ended('bad')
    expect(end).toMatchObject({
      status: 200,
      body: { Status: 'Failed', Message: 'could not finish the job, error: exit status 3' },
    })
    expect(await outputOf(end)).toMatchObject({ done: 'half\n' })
    expect((await ended('none')).body).toMatchObject({
      Status: 'Failed',
      Message: expect.stringMatching(/^could not unzip file, error: /),
    })
    expect((await ended('empty')).body).toMatchObject({ Message: 'run.sh does not exist in the input file' })
  })

  it('take names in any case and order, no id, and bodies of any media type', async () => {
    const { upload, get, zips } = await setup(stage)
    const input = await scripted('true')
    const texts = [
      `{"ID":"a","Input":"${input}","Slurml":false}`,
      `{"slurml":null,"INPUT":"${input}","more":[1,{"a":"${'x'.repeat(1000)}"},null,-1.5e3],"iD":"b"}`,
      `\r\n {"input":"${input.replaceAll('/', String.raw`\/`).replace('U', String.raw`\u0055`)}","id":"c"} \n`,
      `{"input":"${input.slice(0, 8)}\\r\\n${input.slice(8)}","id":"d"}`,
    ]
    for (const body of texts) {
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
      expect((await upload(body, { headers })).status).toBe(201)
    }
    const made = await upload({ input })
    expect(made).toMatchObject({ status: 201, body: { ID: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/) } })
    expect((await get(String(made.body['ID']))).status).toBe(206)
    for (const id of ['a', 'b', 'c', 'd', String(made.body['ID'])]) {
      const bytes = await (await zips.inspect(id))?.input?.bytes()
      expect(bytes?.toString('base64')).toBe(input)
    }
  })

  it('take an id once', async () => {
    const { upload, zips } = await setup(stage)
    const input = await scripted('true')
    const answers = await Promise.all(Array.from({ length: 5 }, () => upload({ id: 'same', input })))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 400, 400, 400, 400])
    expect(answers.find(({ status }) => status === 400)?.body).toEqual({
      error: 'bad_request',
      message: 'job already exists',
      status: 400,
    })
    expect((await Array.fromAsync(zips.list())).length).toBe(1)
  })

  it.each([
    ['no JSON', 'hello', 'error reading job from request: '],
    ['nothing', '', 'error reading job from request: '],
    ['an array', '[]', 'error reading job from request: '],
    ['JSON that breaks off', '{"id":"a","input":"QUJD', 'error reading job from request: '],
    ['JSON with more behind it', '{"id":"a","input":"QUJD"} x', 'error reading job from request: '],
    ['bytes that are no UTF-8', Buffer.from('7b22ff223a317d', 'hex'), 'error reading job from request: '],
    ['JSON of any depth', `{"a":${'['.repeat(100_000)}`, 'error reading job from request: '],
    ['a name of any length', `{"${'a'.repeat(100_000)}":1}`, 'error reading job from request: '],
    ['no input', '{"id":"a"}', 'error validating job job input is required'],
    ['an empty input', '{"id":"a","input":""}', 'error validating job job input is required'],
    ['two inputs', '{"input":"QUJD","Input":"QUJD"}', 'error reading job from request: it has more than one input'],
    ['an input that is no text', '{"input":5}', 'error reading job from request: '],
    ['an input that is no base64', '{"input":"a-b_"}', 'error reading job from request: the input: it is no base64'],
    ['base64 with padding inside', '{"input":"QQ==QUJD"}', 'error reading job from request: the input: '],
    ['base64 that is cut off', '{"input":"QUJDQ"}', 'error reading job from request: the input: '],
    ['an id with a way up', '{"id":"../x","input":"QUJD"}', 'error validating job '],
    ['an id that is ours', '{"id":"run.a.1","input":"QUJD"}', 'error validating job '],
    ['an id that is no text', '{"id":7,"input":"QUJD"}', 'error reading job from request: the id is no text'],
    ['slurml that is no flag', '{"slurml":"yes","input":"QUJD"}', 'error reading job from request: slurml '],
    ['a job for Slurml, where there is none', '{"slurml":true,"input":"QUJD"}', 'error validating job this gateway'],
  ])('refuse %s with jobd’s 400, and nothing is left of it', async (_, body, message) => {
    const { ask, zips, backend } = await setup(stage)
    const answer = await ask('/api/upload', { method: 'POST', body })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({
      error: 'bad_request',
      message: expect.stringContaining(message),
      status: 400,
    })
    expect(await Array.fromAsync(zips.list())).toEqual([])
    expect(await storedOf(backend, zips.name)).toEqual([])
  })

  it('refuse what is larger than allowed, at the byte that is too many', async () => {
    const { upload, zips, backend } = await setup(stage, { jobd: { maxInputBytes: 1000 } })
    const at = async (bytes: number) => upload({ input: Buffer.alloc(bytes, 'PK').toString('base64') })
    expect((await at(1000)).status).toBe(201)
    expect(await at(1001)).toMatchObject({ status: 413, body: { error: 'request_entity_too_large', status: 413 } })
    expect((await Array.fromAsync(zips.list())).length).toBe(1)
    expect((await storedOf(backend, zips.name)).length).toBe(1)
  })

  it('know no job that there is not, and none whose time is over', async () => {
    const { get, upload, zips, ask } = await setup(stage, { jobd: { keepSeconds: 0 } })
    const unknown = { error: 'not_found', message: 'job not found', status: 404 }
    for (const id of ['nobody', '..%2f..%2fetc', '%00', 'x'.repeat(200)])
      expect(await get(id)).toEqual({ status: 404, body: unknown })
    await upload({ id: 'old', input: await scripted('true') })
    expect((await get('old')).status).toBe(206)
    await (await zips.next()).complete()
    await expect.poll(async () => (await get('old')).status).toBe(404)
    expect((await ask('/api/get/old', { method: 'HEAD' })).status).toBe(404)
  })

  it('answer HEAD with the length of the answer', async () => {
    const { upload, ended, work, ask } = await setup(stage)
    await upload({ id: 'x', input: await scripted('head -c 100001 /dev/zero > zeros') })
    work()
    await ended('x')
    const head = await ask('/api/get/x', { method: 'HEAD' })
    const whole = await ask('/api/get/x')
    expect(head.headers.get('Content-Length')).toBe(String((await whole.text()).length))
    expect(whole.headers.get('Content-Type')).toBe('application/json')
  })
})

it('jobd’s routes answer 500 in its form where the store is in trouble, and tell whoever runs the gateway more', async () => {
  const told: unknown[] = []
  const backend = localBackend({ directory: '/dev/null/jobs' })
  await using gateway = createGateway({ backend, onError: (error) => void told.push(error) })
  const answer = await gateway(new Request('http://localhost/api/get/x'), here)
  expect(answer.status).toBe(500)
  expect(await answer.json()).toEqual({ error: 'internal_server_error', message: expect.any(String), status: 500 })
  expect(told.length).toBe(1)
})
