import type { Queue, QueueOptions } from '../index.ts'
import { hasCode } from '../errors.ts'
import { exitCodes } from './exit-codes.ts'
import type { Place } from './place.ts'
import { Problem } from './problem.ts'
import { type Answer, print } from './output/print.ts'
import type { Globals } from './global-options.ts'
import type { Terminal } from './terminal.ts'

/**
 * A command that only looks makes nothing, so that a slip of the finger leaves no queue behind.
 * @throws Problem with what to do, where the queue is what was not found
 */
export function failToFind(session: Session, name: string, error: unknown): never {
  if (!hasCode(error, 'NOT_FOUND')) throw error
  const advice = `check the name, --bucket and --statuses, or make it with: ${session.provisioning(name)}`
  throw new Problem(exitCodes.notFound, `There is no queue "${name}" here, or not all of it: ${advice}`, {
    cause: error,
  })
}

/** A word as a shell takes it. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

/** What a command works with: where queues are, and where answers go. */
export class Session {
  readonly terminal: Terminal
  readonly #globals: () => Globals
  /** Where queues are, as it was typed; settings and the environment hold for the next command as well. */
  placeWords: readonly string[] = []

  constructor(terminal: Terminal, globals: () => Globals) {
    this.terminal = terminal
    this.#globals = globals
  }

  /** Another command on the same queue, to be typed. */
  typed(...words: readonly string[]): string {
    return ['remotejob', ...words, ...this.placeWords].map(quoted).join(' ')
  }

  /** The command that makes a queue, which has its name as a word of its own. */
  provisioning(name: string): string {
    const words = this.placeWords.filter((word) => !word.startsWith('--queue='))
    return ['remotejob', 'provision', name, ...words].map(quoted).join(' ')
  }

  get globals(): Globals {
    return this.#globals()
  }

  /** Prints an answer as `--output` says. */
  async print(answer: Answer): Promise<void> {
    await print(this.terminal, this.globals.output, answer)
  }

  /** The options of the library that say where queues are. The library is loaded here, and not for help. */
  async options(place: Place = {}): Promise<QueueOptions<Record<string, unknown>, Record<string, unknown>>> {
    const { queueOptions } = await import('./place.ts')
    return queueOptions(this.globals, place)
  }

  /** Opens a queue for as long as `use` takes. */
  async withQueue<Result>(name: string, place: Place, use: (queue: Queue) => Promise<Result>): Promise<Result> {
    const [{ Queue }, options] = await Promise.all([import('../index.ts'), this.options(place)])
    await using queue = new Queue(name, options)
    if (place.provision === 'never') await queue.ready().catch((error: unknown) => failToFind(this, name, error))
    return await use(queue)
  }
}
