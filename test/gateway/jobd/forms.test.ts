import { describe, expect, it, vi } from 'vitest'
import { textsIn, zipOf } from '../../runs/zips/setup.ts'
import { grounds, jsonOf, useGateway } from '../setup.ts'
import { setup, storedOf } from './setup.ts'

const script = '#!/bin/sh\ntr a-z A-Z < in.txt > out.txt\n'

/** A form of files by name, and of fields before them. */
function formOf(
  files: readonly (readonly [string, string | Uint8Array<ArrayBuffer>])[],
  fields: Record<string, string> = {},
): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  for (const [name, body] of files) form.append('file', new Blob([body]), name)
  return form
}

describe.skipIf(process.platform === 'win32').each(grounds)(
  'the routes of jobd’s successor, on $ground',
  ({ start }) => {
    const stage = useGateway(start)

    it('take files, say how their job is, and hand back its zip', async () => {
      const { ask, askJson, work } = await setup(stage)
      const body = formOf(
        [
          ['in.txt', 'text'],
          ['run.sh', script],
        ],
        { user_id: '7', service: 'example' },
      )
      const answer = await ask('/upload', { method: 'POST', body })
      expect(answer.status).toBe(201)
      const told = await jsonOf(answer)
      expect(told).toEqual({ id: expect.any(Number), status: 'Queued', message: 'Job successfully uploaded' })
      expect(Number.isInteger(told['id'])).toBe(true)
      const path = `/download/${String(told['id'])}`
      expect(await askJson(path)).toEqual({ id: told['id'], status: 'Queued', message: '' })
      work()
      const zip = await vi.waitFor(
        async () => {
          const answered = await ask(path)
          expect(answered.headers.get('Content-Type')).toBe('application/zip')
          return Buffer.from(await answered.arrayBuffer())
        },
        { timeout: 20_000, interval: 100 },
      )
      expect(await textsIn(zip)).toMatchObject({ 'in.txt': 'text', 'out.txt': 'TEXT', 'run.sh': script })
      expect(await askJson(`/api/get/${String(told['id'])}`)).toMatchObject({ Status: 'Completed' })
    })

    it('take one zip as it is, and fields after files', async () => {
      const { ask, zips } = await setup(stage)
      const zip = await zipOf({ 'run.sh': script, 'in.txt': 'text' })
      const body = formOf([['jobs.zip', new Uint8Array(zip)]])
      body.append('user_id', '7')
      const { id } = await jsonOf(await ask('/upload', { method: 'POST', body }))
      const job = await zips.inspect(String(id))
      expect((await job?.input?.bytes())?.equals(zip)).toBe(true)
      expect(job?.group).toBe('user-7')
    })

    it('take a file of any size while it comes', async () => {
      const { ask, zips } = await setup(stage)
      const large = new Uint8Array(20_000_000).fill(97)
      const body = formOf(
        [
          ['run.sh', script],
          ['large', large],
          ['data.zip', await zipOf({ a: 'a' })],
        ].map(([name, bytes]) => [String(name), typeof bytes === 'string' ? bytes : new Uint8Array(bytes ?? [])]),
      )
      const { id } = await jsonOf(await ask('/upload', { method: 'POST', body }))
      const texts = await textsIn((await (await zips.inspect(String(id)))?.input?.bytes()) ?? Buffer.alloc(0))
      expect(Object.keys(texts)).toEqual(['run.sh', 'large', 'data.zip'])
      expect(texts['large']?.length).toBe(large.byteLength)
    })

    it('tell of a job that failed, and know none that there is not', async () => {
      const { ask, askJson, zips } = await setup(stage)
      const body = formOf([['run.sh', script]])
      const { id } = await jsonOf(await ask('/upload', { method: 'POST', body }))
      await (await zips.next()).fail(new Error('no luck'))
      expect(await askJson(`/download/${String(id)}`)).toEqual({ id, status: 'Failed', message: 'no luck' })
      const missing = await ask('/download/9')
      expect(missing.status).toBe(404)
      expect(await missing.json()).toEqual({ id: 9, status: 'Unknown', message: 'Job 9 not found in the database' })
    })

    const refused: readonly (readonly [string, FormData | string, string])[] = [
      ['no file', formOf([], { service: 'example' }), 'Missing file field'],
      ['no run.sh', formOf([['a', 'a']]), 'Missing file run.sh'],
      ['a user that is no number', formOf([['run.sh', '']], { user_id: 'me' }), 'Invalid user_id, should be a number'],
      ['a service that is none', formOf([['run.sh', '']], { service: '' }), 'Invalid service'],
      [
        'a file twice',
        formOf([
          ['run.sh', ''],
          ['run.sh', ''],
        ]),
        'twice',
      ],
      [
        'a zip and more',
        formOf([
          ['a.zip', 'PK'],
          ['run.sh', ''],
        ]),
        'Send one zip',
      ],
      ['a name that is none', formOf([['..', '']]), 'cannot be one'],
      ['no form', 'text', 'Expected a form'],
    ]
    it.each(refused)('refuse %s, and nothing is left of it', async (_, body, message) => {
      const { ask, zips, backend } = await setup(stage)
      const answer = await ask('/upload', { method: 'POST', body })
      expect(answer.status).toBe(400)
      expect(await answer.json()).toEqual({ id: 0, status: 'Unknown', message: expect.stringContaining(message) })
      expect(await Array.fromAsync(zips.list())).toEqual([])
      expect(await storedOf(backend, zips.name)).toEqual([])
    })

    it('refuse a form that breaks off, and files that are too large together', async () => {
      const { ask, zips, backend } = await setup(stage, { jobd: { maxInputBytes: 100_000 } })
      const noise = crypto.getRandomValues(new Uint8Array(60_000))
      const whole = new Request('http://localhost/', {
        method: 'POST',
        body: formOf([
          ['run.sh', script],
          ['a', noise],
        ]),
      })
      const headers = { 'Content-Type': whole.headers.get('Content-Type') ?? '' }
      const bytes = Buffer.from(await whole.arrayBuffer())
      for (const length of [0, 10, 200, 30_000, bytes.byteLength - 10]) {
        const answer = await ask('/upload', { method: 'POST', headers, body: bytes.subarray(0, length) })
        expect(answer.status).toBe(400)
      }
      const body = formOf([
        ['run.sh', script],
        ['a', noise],
        ['b', noise],
        ['c', noise],
      ])
      expect((await ask('/upload', { method: 'POST', body })).status).toBe(413)
      expect(await Array.fromAsync(zips.list())).toEqual([])
      expect(await storedOf(backend, zips.name)).toEqual([])
    })
  },
)
