import type { JsonValue } from '../../protocol/json.ts'
import type { Runs } from '../../runs.ts'
import type { ValueSets } from '../../runs/stored/value-sets.ts'
import type { Values } from '../../runs/stored/values.ts'
import type { Named } from '../../runs/stored/versioned-contents.ts'
import { confirm } from '../confirm.ts'
import { exitCodes } from '../exit-codes.ts'
import { spanText } from '../output/time.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'
import { note } from '../terminal.ts'
import type { DeleteOptions } from './delete-named.ts'
import { missing } from './missing.ts'
import { type RunsPlace, withRuns } from './place.ts'
import { readValues, type ValueOptions } from './read-values.ts'
import type { ValueKind } from './value-commands.ts'

interface NameOptions extends RunsPlace {
  readonly name: string
}

/** `remotejob configmap|secret create` */
export async function createValues(
  session: Session,
  kind: ValueKind,
  { name, ...options }: NameOptions & ValueOptions,
): Promise<void> {
  const values = await someValues(session, kind, options)
  note(session.terminal, `Creating ${kind.command} '${name}'...`)
  await tell(session, await withRuns(session, options, (runs) => setsOf(runs, kind).create(name, values)))
}

/** `remotejob configmap|secret update` */
export async function updateValues(
  session: Session,
  kind: ValueKind,
  { name, rm = [], ...options }: NameOptions & ValueOptions & { readonly rm?: readonly string[] | undefined },
): Promise<void> {
  const values = rm.length > 0 ? await readValues(session, kind, options) : await someValues(session, kind, options)
  note(session.terminal, `Updating ${kind.command} '${name}'...`)
  const change = (runs: Runs): Promise<Named> => setsOf(runs, kind).update(name, values, { remove: rm })
  await tell(session, await withRuns(session, options, change, 'never'))
}

/** `remotejob configmap|secret get` */
export async function getValues(session: Session, kind: ValueKind, { name, ...place }: NameOptions): Promise<void> {
  if (kind.command === 'secret') {
    const secret = await withRuns(session, place, (runs) => runs.secrets.get(name), 'never')
    if (!secret) throw missing(kind, name)
    const table = { columns: ['Key'], rows: secret.keys.map((key) => [key]) }
    return session.print({ data: { ...dataOf(secret), keys: [...secret.keys] }, table })
  }
  const found = await withRuns(session, place, (runs) => runs.configMaps.get(name), 'never')
  if (!found) throw missing(kind, name)
  const entries = Object.entries(found.values)
  const data = entries.map(([key, value]): [string, JsonValue] => [
    key,
    typeof value === 'string' ? value : { base64: Buffer.from(value).toString('base64') },
  ])
  return session.print({
    data: { ...dataOf(found), data: Object.fromEntries(data) },
    table: {
      columns: ['Key', 'Value'],
      rows: entries.map(([key, value]) => [key, typeof value === 'string' ? value : `(${value.byteLength} bytes)`]),
    },
  })
}

/** `remotejob configmap|secret list` */
export async function listValues(
  session: Session,
  kind: ValueKind,
  { sortBy, ...place }: RunsPlace & { readonly sortBy: 'name' | 'age' },
): Promise<void> {
  const all = await withRuns(session, place, (runs) => setsOf(runs, kind).list(), 'never')
  const sorted = sortBy === 'name' ? all : all.toSorted((a, b) => b.updatedAt.getTime() - a.updatedAt.getTime())
  await session.print({
    data: { [`${kind.command}s`]: sorted.map(dataOf) },
    table: {
      columns: ['Name', 'Version', 'Age'],
      rows: sorted.map(({ name, version, updatedAt }) => [
        name,
        String(version),
        spanText((Date.now() - updatedAt.getTime()) / 1000),
      ]),
    },
  })
  if (all.length === 0) note(session.terminal, `There are no ${kind.noun}s.`)
}

/** `remotejob configmap|secret delete` */
export async function deleteValues(
  session: Session,
  kind: ValueKind,
  { name, force, ignoreNotFound, ...place }: NameOptions & DeleteOptions,
): Promise<void> {
  if (!force) await confirm(session.terminal, `Delete the ${kind.noun} "${name}"?`, 'say --force')
  note(session.terminal, `Deleting ${kind.command} '${name}'...`)
  const existed = await withRuns(session, place, (runs) => setsOf(runs, kind).delete(name), 'never')
  if (!existed && !ignoreNotFound) throw missing(kind, name)
  note(session.terminal, 'OK')
}

async function someValues(session: Session, kind: ValueKind, options: ValueOptions): Promise<Values> {
  const values = await readValues(session, kind, options)
  if (Object.keys(values).length > 0) return values
  throw new Problem(exitCodes.usage, 'Expected values: say --from-literal, --from-file or --from-env-file')
}

/** Nothing for people to read on standard output, so that a script gets data or silence. */
async function tell(session: Session, changed: Named): Promise<void> {
  await session.print({ data: dataOf(changed), table: '' })
  note(session.terminal, 'OK')
}

function setsOf(runs: Runs, { command }: ValueKind): ValueSets {
  return command === 'secret' ? runs.secrets : runs.configMaps
}

function dataOf({ name, version, updatedAt }: Named) {
  return { name, version, updatedAt: updatedAt.toISOString() }
}
