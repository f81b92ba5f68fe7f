import type { Finding } from '../administration.ts'
import { exitCodes } from './exit-codes.ts'
import { interruption } from './interruption.ts'
import type { Place } from './place.ts'
import { asTyped, Problem } from './problem.ts'
import { openProgress } from './progress/progress.ts'
import type { Session } from './session.ts'
import { paint } from './terminal.ts'

/** What `doctor` is told. */
export interface Examination extends Place {
  readonly role?: 'requester' | 'worker' | 'operator' | undefined
  readonly roundTrip?: boolean | undefined
  readonly timeout: number
}

/**
 * Prints what was looked at, what was found and what to do.
 * @throws Problem when something is wrong
 */
export async function examine(session: Session, name: string | undefined, examination: Examination): Promise<void> {
  const found = await look(session, name, examination)
  await session.print({
    data: found.map(({ check, ok, detail, advice }) => ({ check, ok, detail, advice: advice ?? null })),
    table: found.map((finding) => linesOf(finding, session.terminal.out)).join('\n'),
  })
  const wrong = found.filter(({ ok }) => ok === false).length
  if (wrong > 0) throw new Problem(exitCodes.error, `${wrong} of ${found.length} checks found something wrong`)
}

async function look(
  session: Session,
  name: string | undefined,
  { role, roundTrip, timeout, ...place }: Examination,
): Promise<readonly Finding[]> {
  const { doctor } = await import('../admin.ts')
  const options = await session.options(place)
  using interrupted = interruption(session.terminal, { advice: 'Stopping.' })
  using progress = await openProgress(session.terminal)
  const bar = progress.count('checks')
  let count = 0
  const onFinding = (): void => bar.at((count += 1))
  const { drain: signal } = interrupted
  const found = await doctor(name, { ...options, role, roundTrip, timeoutSeconds: timeout, onFinding, signal })
  return found.map(({ detail, advice, ...rest }) => ({
    ...rest,
    detail: asTyped(detail),
    advice: advice === undefined ? undefined : asTyped(advice),
  }))
}

/** One line, and one more with what to do. */
function linesOf({ check, ok, detail, advice }: Finding, stream: NodeJS.WriteStream): string {
  const mark =
    ok === true
      ? paint('green', 'ok     ', stream)
      : ok
        ? paint('yellow', 'warning', stream)
        : paint('red', 'wrong  ', stream)
  const line = `${mark}  ${check}: ${detail}`
  return advice === undefined ? line : `${line}\n         ${advice}`
}
