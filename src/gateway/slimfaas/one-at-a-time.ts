/**
 * Answers to what many ask: of one question one answer is worked out at a time, and all who come meanwhile share the next one. So nobody
 * is told what was so before they asked, and however many ask, it costs no more than two.
 */
export class OneAtATime<Answer> {
  readonly #running = new Map<string, Promise<Answer>>()
  readonly #next = new Map<string, Promise<Answer>>()

  ask(question: string, work: () => Promise<Answer>): Promise<Answer> {
    const next = this.#next.get(question)
    if (next) return next
    const before = this.#running.get(question)
    if (!before) return this.#start(question, work)
    const start = (): Promise<Answer> => {
      this.#next.delete(question)
      return this.#start(question, work)
    }
    const waiting = before.then(start, start)
    this.#next.set(question, waiting)
    return waiting
  }

  #start(question: string, work: () => Promise<Answer>): Promise<Answer> {
    const answer = work()
    this.#running.set(question, answer)
    const end = (): void => {
      this.#running.delete(question)
    }
    answer.then(end, end)
    return answer
  }
}
