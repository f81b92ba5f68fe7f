import type { StoredObject } from '../../lifecycle/stored-object.ts'
import { expectScope } from '../caller.ts'
import type { GatewayContext } from '../gateway-env.ts'
import { Problem } from '../problem.ts'
import { begun, type Chunks, streamOf } from '../stream-of.ts'
import { base64Length, toBase64 } from './base64.ts'
import { jobObject, outputName } from './job-object.ts'
import type { Jobd } from './jobd.ts'
import { readSlurmlState } from './slurml-state.ts'

/** `GET /api/get/:id`: 206 until it has ended, with no more than what is known; then 200 with what it handed back. */
export async function getJob(c: GatewayContext, jobd: Jobd): Promise<Response> {
  expectScope(c, 'read', jobd.settings.queue)
  const { signal } = c.req.raw
  const found = await jobd.find(c.req.param('id') ?? '', signal)
  if (!found) throw new Problem(404, 'job not found')
  const { job, queue, isSlurml } = found
  const slurml = isSlurml ? await readSlurmlState(queue, job.id, signal) : undefined
  const shown = jobObject(job, slurml, isSlurml)
  if (job.result) return withOutput(c, 200, { ...shown, Path: '', Input: '' }, job.result.assets[outputName])
  return shown.Status === 'Partial' ? withOutput(c, 206, shown, slurml?.partial) : answer(c, 206, shown)
}

/** The object with a zip in it, which is encoded while it is sent: what is in memory is a piece of it. */
async function withOutput(
  c: GatewayContext,
  status: number,
  shown: object,
  output: StoredObject | undefined,
): Promise<Response> {
  if (!output) return answer(c, status, { ...shown, Output: '' })
  const [head = '', tail = ''] = JSON.stringify({ ...shown, Output: '' }).split(/(?="\}$)/)
  const length = Buffer.byteLength(head) + base64Length(output.size) + Buffer.byteLength(tail)
  const headers = { ...json, 'Content-Length': String(length) }
  if (c.req.method === 'HEAD') return new Response(null, { status, headers })
  const stream = output.createReadStream({ signal: c.req.raw.signal })
  // What cannot be had at all is a refusal, and not an answer that breaks off.
  const encoded = await begun(toBase64(stream))
  return new Response(
    streamOf(between(head, encoded, tail), () => stream.destroy()),
    { status, headers },
  )
}

async function* between(head: string, chunks: Chunks, tail: string): Chunks {
  yield Buffer.from(head)
  yield* chunks
  yield Buffer.from(tail)
}

const json = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }

function answer(c: GatewayContext, status: number, shown: object): Response {
  return new Response(c.req.method === 'HEAD' ? null : JSON.stringify(shown), { status, headers: json })
}
