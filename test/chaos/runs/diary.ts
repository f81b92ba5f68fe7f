import { appendFileSync, readFileSync } from 'node:fs'

/** What programs wrote down, in the order in which it happened: a line an event, appended at once. */
export interface Overlaps {
  /** Most that ran at the same time, of those whose workers were neither killed nor held still meanwhile. */
  readonly most: number
  /** How often one more began than there may be, beside those of workers that were held still. */
  readonly besidePaused: number
  /** The same, beside those that a killed worker left behind. */
  readonly besideOrphans: number
}

/** A file that the programs of a run and whoever disturbs their workers write into. */
export class Diary {
  readonly path: string

  constructor(path: string) {
    this.path = path
    appendFileSync(path, '')
  }

  /** The program of an index: every tenth fails always, another tenth once. */
  get command(): readonly string[] {
    return this.#program([
      'sleep 0.$((JOB_INDEX % 4 + 1)) & wait $!',
      'say -',
      'case $((JOB_INDEX % 10)) in 3) exit 1;; 7) [ $JOB_INDEX_RETRY_COUNT -ge 1 ] || exit 1;; esac',
    ])
  }

  /** One that ends well as soon as there is such a file. */
  waitingFor(file: string): readonly string[] {
    return this.#program([`while [ ! -e '${file}' ]; do sleep 0.1 & wait $!; done`, 'say -'])
  }

  #program(script: readonly string[]): readonly string[] {
    const say = `say() { echo "$1 $PPID $$ $JOB_INDEX" >> '${this.path}'; }`
    // `sleep` in the background, since a shell hears signals only while it waits for such.
    const end = `trap 'kill $!; say -; exit 143' TERM`
    return ['sh', '-c', [say, end, 'say +', ...script].join('\n')]
  }

  /** What befalls a worker. */
  tell(what: 'kill' | 'stop' | 'continue', pid: number): void {
    appendFileSync(this.path, `${what} ${pid}\n`)
  }

  overlaps(bound: number): Overlaps {
    const running = new Map<string, { readonly worker: string; state: 'well' | 'paused' | 'orphaned' }>()
    const count = (state: string): number => [...running.values()].filter((one) => one.state === state).length
    const seen = { most: 0, besidePaused: 0, besideOrphans: 0 }
    for (const line of readFileSync(this.path, 'utf8').trim().split('\n')) {
      const [what = '', worker = '', pid = ''] = line.split(' ')
      if (what === '+') {
        running.set(pid, { worker, state: 'well' })
        seen.most = Math.max(seen.most, count('well'))
        if (running.size > bound) seen[count('paused') > 0 ? 'besidePaused' : 'besideOrphans'] += 1
      } else if (what === '-') running.delete(pid)
      else
        for (const one of running.values())
          if (one.worker === worker && what !== 'continue') one.state = what === 'kill' ? 'orphaned' : 'paused'
    }
    return seen
  }
}
