import type { Measurement, Subject, Task } from './task.ts'
import type { Run } from './subjects/run.ts'

/** Each subject loads its own libraries only: their memory is part of what is measured. */
const subjects: Record<Subject, () => Promise<{ open(task: Task): Promise<Run> }>> = {
  submit: () => import('./subjects/submit.ts'),
  take: () => import('./subjects/take.ts'),
  'take-to-file': () => import('./subjects/take.ts'),
  trigger: () => import('./subjects/trigger.ts'),
  'lib-storage': () => import('./subjects/lib-storage.ts'),
  'get-object': () => import('./subjects/get-object.ts'),
  'copy-streams': () => import('./subjects/copy-streams.ts'),
}

process.once('message', async (task: Task) => {
  process.send?.(await measure(task), () => process.disconnect())
})

async function measure(task: Task): Promise<Measurement> {
  const { open } = await subjects[task.subject]()
  const { transfer, close } = await open(task)
  const before = process.cpuUsage()
  const start = performance.now()
  const moved = await transfer()
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(before)
  await close()
  return {
    ...moved,
    seconds,
    processorSeconds: (user + system) / 1e6,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  }
}
