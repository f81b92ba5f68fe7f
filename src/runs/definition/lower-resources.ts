/** Numbers with a suffix, by resource: `{ cpu: '400m', memory: '400Mi' }`. */
export type Quantities = Readonly<Record<string, string>>

/** What a request may have, and which of its wishes were lowered to what is configured, or left out since nothing is. */
export interface Lowered {
  readonly resources: Quantities
  readonly lowered: readonly string[]
}

const factors: Readonly<Record<string, number>> = { '': 1, m: 0.001, Mi: 2 ** 20, Gi: 2 ** 30 }

/** A quantity such as `400m`, `400Mi`, `1.5Gi` or `2` as a number, or `undefined` for what is none. */
export function parseQuantity(text: string): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,9})?)(m|Mi|Gi)?$/.exec(text.trim())
  const factor = factors[match?.[2] ?? '']
  return match && factor !== undefined ? Number(match[1]) * factor : undefined
}

/** Per configured resource the request's where it is no more than that, else the configured; others are left out. */
export function lowerResources(configured: Quantities, wanted: Quantities): Lowered {
  const lowered: string[] = []
  const resources = Object.entries(configured).map(([name, most]): [string, string] => {
    const wish = Object.hasOwn(wanted, name) ? wanted[name] : undefined
    if (wish === undefined) return [name, most]
    if ((parseQuantity(wish) ?? Infinity) <= (parseQuantity(most) ?? -Infinity)) return [name, wish]
    lowered.push(name)
    return [name, most]
  })
  const leftOut = Object.keys(wanted).filter((name) => !Object.hasOwn(configured, name))
  return { resources: Object.fromEntries(resources), lowered: [...lowered, ...leftOut] }
}
