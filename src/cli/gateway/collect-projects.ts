import { InvalidArgumentError } from '@commander-js/extra-typings'

type Projects = Readonly<Record<string, string>>

/**
 * Adds `id=queue` to the projects of Code Engine before it.
 * @throws InvalidArgumentError for what is no such pair, and for a project that has a queue already
 */
export function collectProjects(text: string, before: Projects | undefined): Projects {
  const [, id, queue] = /^([\w.~-]+)=(.+)$/.exec(text) ?? []
  if (id === undefined || queue === undefined)
    throw new InvalidArgumentError(
      'Expected id=queue, the id of letters, digits and -._~, such as 4e49b3e0-27a8-48d2-a784-c7ee48bb863b=runs.',
    )
  const known = new Map(Object.entries(before ?? {}))
  if (known.has(id)) throw new InvalidArgumentError(`The project ${id} has the queue ${known.get(id)} already.`)
  return Object.fromEntries(known.set(id, queue))
}
