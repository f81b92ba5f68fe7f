import type { Verdict } from './administration.ts'

/** All is well. */
export const well = (detail: string): Verdict => ({ ok: true, detail, advice: undefined })

/** It works, but not as it should. */
export const doubtful = (detail: string, advice: string): Verdict => ({ ok: 'warning', detail, advice })

/** It does not work. */
export const wrong = (detail: string, advice: string): Verdict => ({ ok: false, detail, advice })
