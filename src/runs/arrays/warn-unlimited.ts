import { defaultDefinition, type JobDefinition } from '../definition/job-definition.ts'

/** Tells once that a process is held to no limits, where a job asks for other resources than it has by itself. */
export function warnOfUnlimited(warn: (message: string) => void): (definition: JobDefinition) => void {
  let isSaid = false
  return ({ name, image, cpu, memory }) => {
    const isAsked = cpu !== defaultDefinition.cpu || memory !== defaultDefinition.memory
    if (isSaid || image !== undefined || !isAsked) return
    isSaid = true
    warn(
      `The processors and memory of the job "${name}" are no limits: only a container is held to them, not a process`,
    )
  }
}
