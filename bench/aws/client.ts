/** One subject in a process of its own: what it uses of the processor is its own. */
import { profile, type Shares } from './profile.ts'
import type { Site, Subject, SubjectModule } from './subject.ts'

/** What it is asked: to open a queue for this run, or to take a step there. */
export type Order =
  | { readonly open: Site }
  | { readonly step: 'send' | 'work'; readonly count: number; readonly profiled?: boolean }
  | 'close'

/** What a step took. */
export interface Taken {
  readonly seconds: number
  readonly cpuSeconds: number
  /** Whose code ran, when that was asked for. */
  readonly shares?: Shares
}

const [file = '', variant = ''] = process.argv.slice(2)
const { open }: SubjectModule = await import(new URL(`subjects/${file}`, import.meta.url).href)
let subject: Subject | undefined

process.on('message', async (order: Order) => process.send?.(await obey(order)))
process.on('disconnect', () => process.exit())

async function obey(order: Order): Promise<Taken | 'done'> {
  if (order === 'close') await subject?.close()
  else if ('open' in order) subject = await open(order.open, variant)
  else if (order.profiled) return takeProfiled(order.step, order.count)
  else return take(order.step, order.count)
  return 'done'
}

async function takeProfiled(step: 'send' | 'work', count: number): Promise<Taken> {
  const { result, shares } = await profile(() => take(step, count))
  return { ...result, shares }
}

async function take(step: 'send' | 'work', count: number): Promise<Taken> {
  if (!subject) throw new Error('No queue is open')
  const [began, before] = [performance.now(), process.cpuUsage()]
  await subject[step](count)
  const { user, system } = process.cpuUsage(before)
  return { seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 }
}
