import progress from 'cli-progress'
import prettyBytes from 'pretty-bytes'
import type { Bar, Progress } from './progress.ts'

// A CommonJS module, whose parts Node does not find by name.
const { Format, MultiBar } = progress

/** How the value of a bar is said. */
type Say = (value: number) => string

interface Labelled {
  readonly label: string
  readonly say: Say
  readonly total: number | undefined
}

/** Bars below each other, on a terminal. */
export class Bars implements Progress {
  readonly #bars: progress.MultiBar

  constructor(stream: NodeJS.WriteStream) {
    const options = { stream, clearOnComplete: true, hideCursor: true, emptyOnZero: true, linewrap: null, fps: 10 }
    this.#bars = new MultiBar({
      ...options,
      format: lineOf,
      barsize: Math.min(30, Math.floor((stream.columns ?? 80) / 3)),
    })
  }

  bytes(label: string, total?: number): Bar {
    return this.#add({ label, total, say: (value) => prettyBytes(value) })
  }

  count(label: string, total?: number): Bar {
    return this.#add({ label, total, say: (value) => value.toFixed(value < 10 && value % 1 !== 0 ? 1 : 0) })
  }

  [Symbol.dispose](): void {
    this.#bars.stop()
  }

  #add(about: Labelled): Bar {
    const bar = this.#bars.create(about.total ?? 0, 0, about)
    return {
      at(value, total) {
        if (total !== undefined) bar.setTotal(total)
        bar.update(value, { total: total ?? about.total })
      },
      end: () => void this.#bars.remove(bar),
    }
  }
}

/** A bar's line: what, how much of it, how fast, and how long it will take. */
const lineOf: NonNullable<ConstructorParameters<typeof MultiBar>[0]['format']> = (
  options,
  params,
  payload: Labelled,
) => {
  const { label, say, total } = payload
  const seconds = Math.max(0.001, (Date.now() - params.startTime) / 1000)
  const rate = params.value / seconds
  const name = label.length > 28 ? `${label.slice(0, 27)}…` : label
  const speed = `${say(rate)}/s`
  if (total === undefined) return `${name}  ${say(params.value)}  ${speed}`
  const left = rate > 0 ? Math.ceil((total - params.value) / rate) : undefined
  const bar = Format.BarFormat(Math.min(1, params.progress), options)
  return `${name}  ${bar}  ${say(params.value)} of ${say(total)}  ${speed}${left === undefined ? '' : `  ${left} s left`}`
}
