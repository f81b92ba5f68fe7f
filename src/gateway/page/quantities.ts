import { html } from 'hono/html'
import type { Markup } from './markup.ts'

const units = ['kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Bytes for people: `1.2 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power - 1]}`
}

/** A span of time for people: `1.5 s`, `2 min 5 s`, `3 h 20 min`, `4 d 2 h`. */
export function spanText(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`
  const whole = Math.round(seconds)
  const steps = [
    [86_400, 'd', 3600, 'h'],
    [3600, 'h', 60, 'min'],
    [60, 'min', 1, 's'],
  ] as const
  for (const [large, name, small, rest] of steps) {
    if (whole < large) continue
    const left = Math.floor((whole % large) / small)
    return left === 0 ? `${Math.floor(whole / large)} ${name}` : `${Math.floor(whole / large)} ${name} ${left} ${rest}`
  }
  return `${whole} s`
}

/** How old something is, so roughly that it does not change with every look. */
export function ageText(seconds: number): string {
  if (seconds < 60) return '< 1 min'
  if (seconds < 5400) return `${Math.floor(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`
}

export const countText = (count: number): string => count.toLocaleString('en')

/** An instant; the script makes it local and tells how long ago it was. */
export function timeOf(at: Date | undefined): Markup | '–' {
  if (!at || Number.isNaN(at.getTime())) return '–'
  const iso = at.toISOString()
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`
}
