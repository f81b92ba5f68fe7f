import type { Schedules } from '../../cron.ts'
import type { Runs } from '../../runs.ts'
import type { RunsPlace } from '../runs/place.ts'
import type { Session } from '../session.ts'

/** What commands on schedules work with. */
export interface Opened {
  readonly schedules: Schedules
  readonly runs: Runs
}

/** Opens the schedules of a queue for as long as `use` takes; a command that only looks says `never`, and makes nothing. */
export async function withSchedules<Result>(
  session: Session,
  { queue, bucket, prefix }: RunsPlace,
  use: (opened: Opened) => Promise<Result>,
  provision?: 'never',
): Promise<Result> {
  const [{ Schedules }, { Runs }] = await Promise.all([import('../../cron.ts'), import('../../runs.ts')])
  return session.withQueue(queue, { bucket, prefix, provision }, (opened) =>
    use({ schedules: new Schedules(opened), runs: new Runs(opened) }),
  )
}
