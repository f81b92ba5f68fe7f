import autocannon from 'autocannon'
import { Child } from '../children.ts'
import { median } from '../median.ts'
import { tableOf } from '../process/table.ts'
import type { Figures, Parameters } from './server.ts'

/** How often and how long each is measured. */
export interface Contest {
  readonly runs: number
  readonly seconds: number
}

/** What one server did in one run. */
interface Score {
  /** Requests a second. */
  readonly rate: number
  /** Milliseconds of processor time a request. */
  readonly cpu: number
}

type Kind = Parameters['kind']

const clients = 32
const jobs = '/v1/queues/bench/jobs'

/** The gateway beside bare handlers, which take turns. */
export async function requests(contest: Contest): Promise<string> {
  await using server = new Child(new URL('../aws/server.ts', import.meta.url))
  const endpoint = await server.answer<string>()
  const sent = await scoresOf(['gateway', 'by hand', 'through the library'], endpoint, contest, async () => ({
    path: jobs,
    method: 'POST',
    body: Buffer.alloc(1024, 'x'),
  }))
  // The first of them sends it: all look at the same job, with all that the library writes of one.
  let job: Promise<string> | undefined
  const seen = await scoresOf(['gateway', 'by hand', 'through the library'], endpoint, contest, async (url) => {
    job ??= sendJob(url)
    return { path: `${jobs}/${await job}`, method: 'GET' }
  })
  const heads = ['', 'server', 'requests/s', 'of the gateway beside it', 'processor time a request, ms']
  return `## Requests

${clients} clients at a time, medians of ${contest.runs} runs of ${contest.seconds} seconds that take turns; the stand-in answers at once. *By hand* is a handler of
Hono that asks the SDK for the same: one PutObject and one SendMessage a job; HeadObject, ListObjectsV2 and two GetObject a look. *Through the library*
is one that calls \`queue.submit\` or \`queue.inspect\`, and so does what the gateway does, without looking at who asks for what. The goal is 0.85
of the one by hand.

${tableOf(heads, [...rowsOf('a job of 1 KiB', sent), ...rowsOf('where a job is', seen)])}`
}

async function sendJob(url: string): Promise<string> {
  const answer = await fetch(url + jobs, { method: 'POST', body: 'x' })
  const { id } = (await answer.json()) as { readonly id: string }
  return id
}

type Load = Pick<autocannon.Request, 'path' | 'method' | 'body'>

async function scoresOf(
  kinds: readonly Kind[],
  endpoint: string,
  { runs, seconds }: Contest,
  loadOf: (url: string) => Promise<Load>,
): Promise<ReadonlyMap<Kind, readonly Score[]>> {
  await using stack = new AsyncDisposableStack()
  const scores = new Map(kinds.map((kind): [Kind, Score[]] => [kind, []]))
  const entrants = kinds.map((kind) => ({ kind, child: stack.use(childOf({ kind, endpoint })) }))
  const urls = await Promise.all(entrants.map(async ({ child }) => child.answer<string>()))
  const loads = await Promise.all(urls.map(loadOf))
  for (let run = 0; run <= runs; run += 1)
    for (const [index, { kind, child }] of entrants.entries()) {
      const score = await scoreOf(child, urls[index] ?? '', loads[index], seconds)
      // The first one warms up.
      if (run > 0) scores.get(kind)?.push(score)
    }
  return scores
}

async function scoreOf(child: Child, url: string, load: Load | undefined, seconds: number): Promise<Score> {
  const before = await child.ask<Figures>('figures')
  const {
    requests: done,
    duration,
    non2xx,
    errors,
  } = await autocannon({
    ...load,
    url: url + (load?.path ?? ''),
    connections: clients,
    duration: seconds,
  })
  const after = await child.ask<Figures>('figures')
  if (non2xx + errors > 0) throw new Error(`${non2xx} refusals and ${errors} errors of ${done.total} requests`)
  return { rate: done.total / duration, cpu: (after.cpu - before.cpu) / done.total }
}

/** A server with the garbage collector at hand, for figures of memory. */
export function childOf(parameters: Parameters): Child {
  return new Child(new URL('server.ts', import.meta.url), [JSON.stringify(parameters)])
}

function rowsOf(what: string, scores: ReadonlyMap<Kind, readonly Score[]>) {
  const own = scores.get('gateway') ?? []
  return [...scores].map(([kind, all]) => {
    const ratio = median(own.map(({ rate }, run) => rate / (all[run]?.rate ?? NaN)))
    const figures = [median(all.map(({ rate }) => rate)).toFixed(0), kind === 'gateway' ? '' : ratio.toFixed(2)]
    return [what, kind, ...figures, median(all.map(({ cpu }) => cpu)).toFixed(2)]
  })
}
