/** One process of a subject. */
import type { Site, Subject, SubjectModule } from './subject.ts'

/** What it is asked. */
export type Order =
  | { readonly open: Site }
  | { readonly send: number }
  | { readonly sendMany: number }
  | 'work'
  | 'done'
  | 'close'

const [file = '', variant = ''] = process.argv.slice(2)
const { open }: SubjectModule = await import(new URL(`subjects/${file}`, import.meta.url).href)
let subject: Subject | undefined
let done = 0

process.on('message', async (order: Order) => process.send?.(await obey(order)))
process.on('disconnect', () => process.exit())

/** How many jobs are done. */
async function obey(order: Order): Promise<number> {
  if (typeof order === 'object' && 'open' in order) {
    done = 0
    subject = await open(order.open, variant)
  } else if (typeof order === 'object' && 'send' in order) await subject?.send(order.send)
  else if (typeof order === 'object') await subject?.sendMany(order.sendMany)
  else if (order === 'work') await subject?.work(() => (done += 1))
  else if (order === 'close') await subject?.close()
  return done
}
