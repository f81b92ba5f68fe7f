import { refusal } from '../definition/refuse.ts'

/** One run of that name: the same name may be given anew once a run was deleted, and nothing of the old one counts for it. */
export interface RunId {
  readonly name: string
  /** 16 hexadecimal digits. */
  readonly uid: string
}

/** One index of a run. */
export interface InstanceId extends RunId {
  readonly index: number
}

export const runsPrefix = 'runs/'
export const runKey = (name: string): string => `${runsPrefix}${name}.json`
export const runFolder = ({ name, uid }: RunId): string => `${runsPrefix}${name}/${uid}/`
/** Beside the states, so that a page of those holds nothing else. */
export const sentPrefix = ({ name, uid }: RunId): string => `${runsPrefix}${name}.sent/${uid}/`
/** Says since when all that a run depends on is there. */
export const readyKey = (run: RunId): string => `${sentPrefix(run)}ready`
/** Among the states: says that what could be seen of the run was removed. */
export const goneKey = (run: RunId): string => `${runFolder(run)}gone`
/** Asks whoever runs that try of an index to begin it anew. */
export const restartKey = (
  { name, uid }: RunId,
  { index, attempt }: Pick<InstanceState, 'index' | 'attempt'>,
): string => `${restartPrefix({ name, uid })}${index}.${attempt}`
export const restartPrefix = ({ name, uid }: RunId): string => `${runsPrefix}${name}.restart/${uid}/`
/** What an instance is called, by its program and by people; `retry` counts from 0. */
export const instanceName = (run: string, index: number, retry: number): string => `${run}-${index}-${retry}`
export const instancePrefix = ({ name, uid }: RunId): string => `run.${name}.${uid}.`
export const instanceJobId = (instance: InstanceId): string => `${instancePrefix(instance)}${instance.index}`
/** The job that sends the instances; no run's name begins with `_`. */
export const fanOutJobId = ({ name, uid }: RunId): string => `run._fan-out.${name}.${uid}`

/** The instance that a job's id names. */
export function parseInstanceJobId(id: string): InstanceId | undefined {
  const match = /^run\.([a-z0-9][a-z0-9_-]{0,52})\.([0-9a-f]{16})\.(\d{1,7})$/.exec(id)
  return match ? { name: match[1] ?? '', uid: match[2] ?? '', index: Number(match[3]) } : undefined
}

/** The run whose instances a job sends. */
export function parseFanOutJobId(id: string): RunId | undefined {
  const match = /^run\._fan-out\.([a-z0-9][a-z0-9_-]{0,52})\.([0-9a-f]{16})$/.exec(id)
  return match ? { name: match[1] ?? '', uid: match[2] ?? '' } : undefined
}

const states = ['started', 'succeeded', 'failed', 'restarted'] as const

/** What happened to an instance; all of it is in the name of an empty object. */
export interface InstanceState {
  readonly index: number
  readonly attempt: number
  readonly state: (typeof states)[number]
  /** Of a failure: `ContainerExitedCode1`, say. */
  readonly reason?: string | undefined
}

export function stateKey(run: RunId, { index, attempt, state, reason }: InstanceState): string {
  if (reason !== undefined && !/^[A-Za-z0-9]{1,64}$/.test(reason)) throw refusal('reason', 'letters and digits', reason)
  return `${runFolder(run)}${index}/${attempt}-${state}${reason === undefined ? '' : `.${reason}`}`
}

/** The state that a key names, or `undefined` for other keys. */
export function parseStateKey(run: RunId, key: string): InstanceState | undefined {
  const match = /^(\d{1,7})\/(\d{1,9})-([a-z]+)(?:\.([A-Za-z0-9]{1,64}))?$/.exec(key.slice(runFolder(run).length))
  const state = states.find((known) => known === match?.[3])
  if (!match || !state) return undefined
  return { index: Number(match[1]), attempt: Number(match[2]), state, reason: match[4] }
}

/** Digits of a second: they last for three thousand years. */
const dueDigits = 11
/** No run's name begins with a dot, so these come before all runs. */
export const duePrefix = `${runsPrefix}.due/`

/** A run whose time to live may be over by then, in milliseconds since 1970. */
export interface Due {
  readonly run: RunId
  readonly at: number
}

/** Where it is written down when to look at a run: the order of names is the order of times. */
export function dueKey({ run: { name, uid }, at }: Due): string {
  return `${duePrefix}${String(Math.ceil(at / 1000)).padStart(dueDigits, '0')}/${name}.${uid}`
}

/** What a key says is due, or `undefined` for other keys. */
export function parseDueKey(key: string): Due | undefined {
  const match = /^(\d{11})\/([a-z0-9][a-z0-9_-]{0,52})\.([0-9a-f]{16})$/.exec(key.slice(duePrefix.length))
  return match ? { at: Number(match[1]) * 1000, run: { name: match[2] ?? '', uid: match[3] ?? '' } } : undefined
}
