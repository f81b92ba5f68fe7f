import { isRemoteJobError } from '../../errors.ts'
import { Problem } from '../problem.ts'

/** What a caller may be told of a refusal of the runs below, in SlimFaas's words: 400, as SlimFaas answers all of them. */
export function refusalOf(error: unknown): unknown {
  if (!isRemoteJobError(error) || !refusals.has(error.code)) return error
  const detail = error.message.replaceAll(/`(\w+)`/g, (text, name: string) => {
    const member = members.get(name)
    return member === undefined ? text : `\`${member}\``
  })
  return new Problem(400, detail, { code: error.code, cause: error })
}

const refusals: ReadonlySet<string> = new Set(['INVALID_ARGUMENT', 'NOT_FOUND', 'RESULT_EXPIRED'])

const members: ReadonlyMap<string, string> = new Map([
  ['arguments', 'Args'],
  ['cron', 'Schedule'],
  ['dependsOn', 'DependsOn'],
  ['environment', 'Environments'],
  ['image', 'Image'],
])
