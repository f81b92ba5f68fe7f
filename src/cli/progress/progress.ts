import type { Terminal } from '../terminal.ts'

/** One thing that is under way. */
export interface Bar {
  /** Says how far it is now, and how far it will go where that is known by now. */
  at(value: number, total?: number): void
  /** It is over, and its line goes. */
  end(): void
}

/** What people see of work that takes time; nothing where nobody watches. */
export interface Progress extends Disposable {
  /** Bytes of one file. @param total Bytes, when they are known */
  bytes(label: string, total?: number): Bar
  /** Things that are counted. @param total Of them, when it is known */
  count(label: string, total?: number): Bar
}

const silent: Progress = {
  bytes: () => ({ at() {}, end() {} }),
  count: () => ({ at() {}, end() {} }),
  [Symbol.dispose]() {},
}

/** Bars on a terminal, and nothing elsewhere; the library that draws them is loaded only where they are drawn. */
export async function openProgress(terminal: Terminal): Promise<Progress> {
  if (!terminal.hasProgress) return silent
  const { Bars } = await import('./bars.ts')
  return new Bars(terminal.err)
}

/** Looks ten times a second how far something is, since streams do not tell. */
export function follow(bar: Bar, value: () => number): Disposable {
  const timer = setInterval(() => bar.at(value()), 100)
  return {
    [Symbol.dispose]() {
      clearInterval(timer)
      bar.end()
    },
  }
}
