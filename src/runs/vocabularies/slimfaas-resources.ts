import { defaultDefinition, type Overrides, type SlimFaasResources } from '../definition/job-definition.ts'
import { lowerResources, parseQuantity, type Quantities } from '../definition/lower-resources.ts'
import type { Place } from './document.ts'

/** Resources that a run asks for. */
export type WantedResources = Partial<SlimFaasResources>

/** `{ "Requests": { "cpu": "400m" }, "Limits": { … } }` */
export function readResources(place: Place | undefined): WantedResources {
  place?.only(['Requests', 'Limits'])
  const [requests, limits] = [place?.member('Requests'), place?.member('Limits')]
  return { ...(requests && { requests: quantities(requests) }), ...(limits && { limits: quantities(limits) }) }
}

/** Those that a definition keeps, with what becomes of them: the limits count, and where there are none the requests. */
export function configuredResources({ requests = {}, limits = {} }: WantedResources): Overrides {
  const amount = (name: string): number | undefined => {
    const text = limits[name] ?? requests[name]
    return text === undefined ? undefined : parseQuantity(text)
  }
  const [memory, storage] = [amount('memory'), amount('ephemeral-storage')]
  return {
    slimFaas: { requests, limits },
    cpu: amount('cpu') ?? defaultDefinition.cpu,
    memory: memory === undefined ? defaultDefinition.memory : Math.round(memory),
    ephemeralStorage: storage === undefined ? defaultDefinition.ephemeralStorage : Math.round(storage),
  }
}

/** What a run gets of what it wants, never more than what is configured, and the wishes that were lowered. */
export function lowered(
  configured: SlimFaasResources,
  { requests = {}, limits = {} }: WantedResources,
): { readonly resources: Overrides; readonly lowered: readonly string[] } {
  const [least, most] = [lowerResources(configured.requests, requests), lowerResources(configured.limits, limits)]
  return {
    resources: configuredResources({ requests: least.resources, limits: most.resources }),
    lowered: [...least.lowered.map((name) => `Requests.${name}`), ...most.lowered.map((name) => `Limits.${name}`)],
  }
}

function quantities(place: Place): Quantities {
  place.only(['cpu', 'memory', 'ephemeral-storage'])
  return Object.fromEntries(place.members().map(([name, quantity]) => [name, quantityOf(quantity)]))
}

function quantityOf(place: Place): string {
  const text = place.text()
  if ((parseQuantity(text) ?? 0) > 0) return text
  throw place.refusal('a quantity such as 400m, 400Mi, 1.5Gi or 2', JSON.stringify(text.slice(0, 40)))
}
