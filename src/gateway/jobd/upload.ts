import { Readable } from 'node:stream'
import { expectScope } from '../caller.ts'
import type { GatewayContext } from '../gateway-env.ts'
import { takeLargeBody } from '../limits/limit-body.ts'
import { Problem } from '../problem.ts'
import type { Jobd } from './jobd.ts'
import { readUpload } from './read-upload.ts'
import { Spool } from './spool.ts'

/** `POST /api/upload`: a job of a zip in base64, which is stored while it comes. */
export async function upload(c: GatewayContext, jobd: Jobd): Promise<Response> {
  const { queue, maxInputBytes, slurml } = jobd.settings
  expectScope(c, 'submit', queue)
  const { signal } = c.req.raw
  await using spool = new Spool(await jobd.zips(), maxInputBytes, signal)
  const sent = await readUpload(bodyOf(c), (zip) => spool.store(zip))
  if (sent.slurml && !slurml) throw new Problem(400, 'error validating job this gateway hands no jobs to Slurml')
  const ID = await jobd.submit(sent.key, { id: sent.id, slurml: sent.slurml, signal })
  spool.keep(sent.key)
  const empty = { Path: '', Input: '', Output: '', Message: '', SlurmID: 0 }
  const job = { LastUpdated: new Date().toISOString(), ID, Status: 'Pending', ...empty, Slurml: sent.slurml }
  return Response.json(job, { status: 201, headers: { 'Cache-Control': 'no-store' } })
}

/** A request's body as it comes. */
export function bodyOf(c: GatewayContext): Readable {
  takeLargeBody(c)
  const { body } = c.req.raw
  const source = body ? Readable.fromWeb(body) : Readable.from([])
  return source.on('error', () => {}) // told by who reads it
}
