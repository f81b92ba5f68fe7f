import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** A process of this bench that answers each order with one message. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcess

  /** Of this process's environment nothing that could change a figure is handed on. */
  constructor(file: URL, parameters: readonly string[] = []) {
    const { PATH = '', HOME = '', TMPDIR } = process.env
    const env = { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...profiled(parameters) }
    this.#process = fork(file, parameters, { env, execArgv: [] })
  }

  async ask<Answer>(order: object | string): Promise<Answer> {
    this.#process.send(order)
    return this.answer<Answer>()
  }

  async answer<Answer>(): Promise<Answer> {
    const ended = new AbortController()
    const abort = (code: number | null): void =>
      ended.abort(new Error(`A process of the bench ended with ${code} before it answered`))
    this.#process.once('exit', abort)
    try {
      const [answer]: Answer[] = await once(this.#process, 'message', { signal: ended.signal })
      if (answer === undefined) throw new Error('A process of the bench had no answer')
      return answer
    } catch (error) {
      ended.signal.throwIfAborted()
      throw error
    } finally {
      this.#process.off('exit', abort)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return
    const exit = once(this.#process, 'exit')
    this.#process.disconnect()
    await exit
  }
}

/** `BENCH_PROFILE=ours-none` (module and variant) leaves a CPU profile of that entrant's process in `.cache`. */
function profiled(parameters: readonly string[]): Record<string, string> {
  return process.env['BENCH_PROFILE'] === parameters.join('-')
    ? { NODE_OPTIONS: '--cpu-prof --cpu-prof-dir=.cache' }
    : {}
}
