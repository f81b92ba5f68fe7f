import { randomInt } from 'node:crypto'
import type { Readable } from 'node:stream'
import { expectScope } from '../caller.ts'
import type { GatewayContext } from '../gateway-env.ts'
import { Problem } from '../problem.ts'
import { FormInput } from './form-input.ts'
import { readParts } from './form-parts.ts'
import type { Jobd } from './jobd.ts'
import { Spool } from './spool.ts'
import { bodyOf } from './upload.ts'

/** Its clients keep ids in 32 bits. */
const largestId = 2 ** 31 - 1
/** Tries to find an id that nobody has: of ten million jobs one in two hundred ids is taken. */
const tries = 10

/** `POST /upload`, of jobd's successor: a form with files, of which one is `run.sh`, or with one zip. */
export async function uploadForm(c: GatewayContext, jobd: Jobd): Promise<Response> {
  const { queue, maxInputBytes } = jobd.settings
  expectScope(c, 'submit', queue)
  await using spool = new Spool(await jobd.zips(), maxInputBytes, c.req.raw.signal)
  const { key, group } = await readForm(c, spool)
  const id = await submit(jobd, key, group, c.req.raw.signal)
  spool.keep(key)
  return Response.json({ id, status: 'Queued', message: 'Job successfully uploaded' }, { status: 201 })
}

interface Form {
  readonly key: string
  /** Users of a queue are served in turn. */
  readonly group: string | undefined
}

async function readForm(c: GatewayContext, spool: Spool): Promise<Form> {
  const input = new FormInput((zip) => spool.store(zip))
  let group: string | undefined
  const field = (name: string, value: string): void => {
    if (name === 'user_id') group = `user-${readUser(value)}`
    if (name === 'service' && !/^[^\p{Cc}]{1,200}$/u.test(value)) throw new Problem(400, 'Invalid service')
  }
  const file = async (name: string, filename: string | undefined, stream: Readable): Promise<void> => {
    if (name !== 'file') throw new Problem(400, `Expected files to be called "file", not ${JSON.stringify(name)}`)
    await input.add(filename, stream)
  }
  try {
    await readParts(bodyOf(c), c.req.header('Content-Type') ?? '', { field, file }, input.failed)
    return { key: await input.end(), group }
  } catch (error) {
    await input.giveUp(error)
    throw error
  }
}

function readUser(value: string): number {
  const user = Number(value)
  if (/^-?\d{1,15}$/.test(value) && Number.isSafeInteger(user)) return user
  throw new Problem(400, 'Invalid user_id, should be a number')
}

async function submit(jobd: Jobd, key: string, group: string | undefined, signal: AbortSignal): Promise<number> {
  for (let left = tries; ; left -= 1) {
    const id = randomInt(1, largestId)
    try {
      await jobd.submit(key, { id: String(id), group, signal, slurml: false })
      return id
    } catch (error) {
      if (left === 0 || !(error instanceof Problem)) throw error
    }
  }
}
