/** A time as people read it, in the machine's own time zone; nothing for nothing. */
export function timeText(time: Date | undefined): string | undefined {
  if (time === undefined) return undefined
  const part = (value: number): string => String(value).padStart(2, '0')
  const day = `${time.getFullYear()}-${part(time.getMonth() + 1)}-${part(time.getDate())}`
  return `${day} ${part(time.getHours())}:${part(time.getMinutes())}:${part(time.getSeconds())}`
}

/** A span of time in its two largest units: `2 d 3 h`, `4 min 5 s`, `0 s`. */
export function spanText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  if (first === -1) return '0 s'
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}
