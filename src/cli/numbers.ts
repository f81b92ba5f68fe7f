import { InvalidArgumentError } from '@commander-js/extra-typings'

/** Makes a parser of whole numbers within a range. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^[+-]?\d+$/.test(text.trim()) ? Number(text) : NaN
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
  }
}

/** Seconds, with fractions. */
export function seconds(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text)
  if (Number.isFinite(value) && value >= 0) return value
  throw new InvalidArgumentError('Expected a number of seconds from 0, such as 30 or 0.5.')
}

/** Processors, with fractions. */
export function processors(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value <= 1024) return value
  throw new InvalidArgumentError('Expected a number of processors above 0, such as 2 or 0.5.')
}

/** A date and time as ISO 8601 has it; a date alone means midnight UTC. */
export function instant(text: string): Date {
  const date = new Date(text)
  if (!Number.isNaN(date.getTime())) return date
  throw new InvalidArgumentError('Expected a date and time such as 2026-01-31T08:00:00Z.')
}
