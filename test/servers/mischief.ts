import { setTimeout as delay } from 'node:timers/promises'
import { isJsonObject, type JsonObject, parseJson } from '../../src/protocol/json.ts'
import type { Reply } from './reply.ts'
import type { ProxiedRequest } from './request.ts'

/** What can happen to a request that does not fail. */
type Perform = (request: ProxiedRequest) => Promise<Reply>

/** It comes late. */
export async function late(request: ProxiedRequest, perform: Perform, seconds: number): Promise<Reply> {
  await delay(seconds * 1000)
  return perform(request)
}

/** A message that is sent comes twice. */
export async function doubled(request: ProxiedRequest, perform: Perform): Promise<Reply> {
  await perform(request)
  return perform(request)
}

/** A deletion is confirmed and not done: the message comes back when its lease is over. */
export function undeleted(request: ProxiedRequest): Reply {
  const given = parseJson(request.body)
  return isJsonObject(given) ? deleted(given) : deleted({})
}

/** Whoever receives is given a shorter lease than it asked for, and does not know. */
export function early(request: ProxiedRequest, perform: Perform, seconds: number): Promise<Reply> {
  const given = parseJson(request.body)
  const body = JSON.stringify({ ...(isJsonObject(given) ? given : {}), VisibilityTimeout: seconds })
  return perform({ ...request, body, payload: Buffer.from(body) })
}

/** As SQS answers when it has deleted everything. */
function deleted({ Entries }: JsonObject): Reply {
  const entries = Array.isArray(Entries) ? Entries.filter(isJsonObject) : undefined
  const answer = entries ? { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] } : {}
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(JSON.stringify(answer)),
  }
}
