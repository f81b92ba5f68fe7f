import { StringDecoder } from 'node:string_decoder'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { JobDetails } from '../../lifecycle/inspect.ts'
import type { LogChunk } from '../../lifecycle/read-logs.ts'
import type { Queue } from '../../queue.ts'
import { expectScope } from '../caller.ts'
import { eventBytes, eventHeaders, type ServerSentEvent } from '../event-stream.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { streamOf } from '../stream-of.ts'
import { refusals } from './describe.ts'
import { noJob } from './job-routes.ts'
import { JobParameters } from './job-schemas.ts'
import { type Heard, heardUntil, type State } from './heard.ts'
import { jobView, resultView } from './job-view.ts'
import { isEnded, Looks } from './looks.ts'

/** No literal, since what has that media type is not made with `c.text`. */
const eventStream: string = 'text/event-stream'

const route = createRoute({
  method: 'get',
  path: '/v1/queues/{queue}/jobs/{id}/events',
  operationId: 'watchJob',
  summary: 'How a job goes, as server-sent events, until it has ended',
  description:
    'Events: `status` (at first, and when it changes), `progress`, `log` (`attempt`, `stream`, `at`, `text`) and at last `end` with the result. With `Last-Event-ID` nothing is told again that was told until that event; behind `end` there is nothing, and the answer is 204, at which an `EventSource` comes no more.',
  request: {
    params: JobParameters,
    headers: z.object({ 'last-event-id': z.string().optional() }),
  },
  responses: {
    200: { description: 'The events', content: { [eventStream]: { schema: z.string() } } },
    204: { description: 'There are no more' },
    ...refusals,
  },
})

const endId = 'end'
/** Milliseconds of silence after which there is a sign of life. */
const longestSilence = 15_000

/** `GET …/events`. */
export function eventRoutes(app: OpenAPIHono<GatewayEnv>, house: House): void {
  const looks = new Looks()
  app.openapi(route, async (c) => {
    const { queue: name, id } = c.req.valid('param')
    expectScope(c, 'read', name)
    const last = c.req.header('Last-Event-ID')
    if (last === endId) return new Response(null, { status: 204 })
    const { queue } = await house.queues.get(name)
    if (!(await queue.status(id, { signal: c.req.raw.signal }))) throw noJob(name, id)
    if (c.req.method === 'HEAD') return new Response(null, { headers: eventHeaders })
    const gone = new AbortController()
    const signal = AbortSignal.any([c.req.raw.signal, house.closing, gone.signal])
    const events = untilGone(eventsOf(looks, queue, id, { heard: heardUntil(last), at: house.at, signal }), signal)
    return new Response(
      streamOf(eventBytes(events), () => gone.abort()),
      { headers: eventHeaders },
    )
  })
}

/** Who has gone, or is sent away by a gateway that closes, needs no error. */
async function* untilGone<Event>(
  events: AsyncIterable<Event>,
  signal: AbortSignal,
): AsyncGenerator<Event, void, undefined> {
  try {
    yield* events
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

interface From {
  readonly heard: Heard
  readonly at: House['at']
  readonly signal: AbortSignal
}

async function* eventsOf(
  looks: Looks,
  queue: Queue,
  id: string,
  { heard, at, signal }: From,
): AsyncGenerator<ServerSentEvent | undefined, void, undefined> {
  const texts = new Texts()
  let spokeAt = performance.now()
  const tell = (event: ServerSentEvent): ServerSentEvent => {
    spokeAt = performance.now()
    return { ...event, id: heard.id }
  }
  for await (const { job, isNews } of looks.of(queue, id, signal)) {
    if (!job) return
    for (const [event, of] of isNews ? stateOf(queue.name, job, at) : [])
      if (heard.isNews(event.event, of)) yield tell(event)
    // What nobody has begun has written nothing.
    for await (const chunk of isNews ? queue.logs(id, { after: heard.position, signal }) : []) {
      heard.position = chunk.position
      yield tell({ event: 'log', data: texts.of(chunk) })
    }
    if (isEnded(job))
      yield { event: 'end', id: endId, data: job.result ? resultView(queue.name, job.result, at) : endOf(job) }
    else if (performance.now() - spokeAt > longestSilence) {
      spokeAt = performance.now()
      yield undefined
    }
  }
}

/** How a job is, each with what makes it news: what one try reports is not what another did, though it says the same. */
function stateOf(
  queue: string,
  job: JobDetails,
  at: House['at'],
): (readonly [ServerSentEvent & { event: State }, unknown])[] {
  const { active, status, events } = jobView(queue, job, at)
  const { progress, ...attempt } = active ?? {}
  const state = { id: job.id, status, ...attempt, events }
  return [
    [{ event: 'status', data: state }, state],
    ...(progress === undefined ? [] : [[{ event: 'progress', data: progress }, [attempt, progress]] as const]),
  ]
}

const endOf = ({ id, status }: JobDetails) => ({ id, status })

/** Bytes of logs as text: a character that is cut in two comes with its other half. */
class Texts {
  readonly #decoders = new Map<string, StringDecoder>()

  of({ attempt, stream, at, bytes }: LogChunk) {
    const key = `${attempt}/${stream}`
    const decoder = this.#decoders.get(key) ?? new StringDecoder('utf8')
    this.#decoders.set(key, decoder)
    return { attempt, stream, at: at.toISOString(), text: decoder.write(bytes) }
  }
}
