import type { Token, TokenSource } from 'stream-json/core/parser.js'

/** Objects and arrays in each other, at most: nobody who means well has so many. */
const deepest = 64

/**
 * Reads an object of JSON as it comes, member by member: of a long text no more than a piece is in memory, wherever it stands.
 */
export class JsonReader {
  readonly #batches: AsyncIterator<readonly Token[], void>
  #batch: readonly Token[] = []
  #at = 0

  /** @param source UTF-8 */
  constructor(source: AsyncIterable<unknown>) {
    this.#batches = batchesOf(source)
  }

  /**
   * Reads the object, and gives each member to be read before the next, or not.
   * @throws SyntaxError for what is no object of JSON
   */
  async *members(): AsyncGenerator<readonly [name: string, value: JsonValueReader], void, undefined> {
    if ((await this.next()).name !== 'startObject') throw new SyntaxError('it is no object of JSON')
    while ((await this.next()).name !== 'endObject') {
      const name = await this.#text('endKey', 200)
      const value = new JsonValueReader(this, await this.next())
      yield [name, value]
      await value.skip()
    }
    // Whatever comes behind it makes it something else.
    while (!(await this.#batches.next()).done);
  }

  async next(): Promise<Token> {
    for (;;) {
      const token = this.#batch[this.#at]
      this.#at += 1
      if (token) return token
      await this.#more()
    }
  }

  /** The pieces of a text until its end, those that are there at once together. */
  async *pieces(end: Token['name']): AsyncGenerator<string, void, undefined> {
    for (;;) {
      let text = ''
      for (let token = this.#batch[this.#at]; token?.name === 'stringChunk'; token = this.#batch[this.#at]) {
        text += token.value
        this.#at += 1
      }
      if (text !== '') yield text
      const token = this.#batch[this.#at]
      if (token?.name === end) {
        this.#at += 1
        return
      }
      await this.#more()
    }
  }

  async #text(end: Token['name'], most: number): Promise<string> {
    let text = ''
    for await (const piece of this.pieces(end)) {
      text += piece
      if (text.length > most) throw new SyntaxError(`it has a name or a text of more than ${most} characters`)
    }
    return text
  }

  /** A text that is short. */
  async text(most: number): Promise<string> {
    return this.#text('endString', most)
  }

  async #more(): Promise<void> {
    const step = await this.#batches.next()
    if (step.done) throw new SyntaxError('it breaks off')
    this.#batch = step.value
    this.#at = 0
  }
}

/** One member's value, which is read once, or skipped. */
export class JsonValueReader {
  readonly #reader: JsonReader
  readonly #first: Token
  #isRead = false

  constructor(reader: JsonReader, first: Token) {
    this.#reader = reader
    this.#first = first
  }

  get isText(): boolean {
    return this.#first.name === 'startString'
  }

  get isNull(): boolean {
    return this.#first.name === 'nullValue'
  }

  /** `undefined` of what is neither true nor false. */
  get boolean(): boolean | undefined {
    if (this.#first.name === 'trueValue') return true
    return this.#first.name === 'falseValue' ? false : undefined
  }

  /** @throws SyntaxError of one that is longer */
  async text(most: number): Promise<string> {
    this.#isRead = true
    return this.#reader.text(most)
  }

  pieces(): AsyncGenerator<string, void, undefined> {
    this.#isRead = true
    return this.#reader.pieces('endString')
  }

  async skip(): Promise<void> {
    if (this.#isRead) return
    let depth = change(this.#first)
    while (depth > 0) depth += change(await this.#reader.next())
  }
}

function change({ name }: Token): number {
  if (name.startsWith('start')) return 1
  return name.startsWith('end') ? -1 : 0
}

async function* batchesOf(source: AsyncIterable<unknown>): AsyncGenerator<readonly Token[], void, undefined> {
  const { jsonParser } = await import('stream-json/core/parser.js')
  // Nothing is put together here that could be of any length.
  const parse = jsonParser({ packValues: false, streamValues: true })
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let depth = 0
  for await (const chunk of source) {
    if (!(chunk instanceof Uint8Array)) continue
    const tokens = tokensIn(() => parse(decoder.decode(chunk, { stream: true })))
    for (const { name } of tokens) if (/^(start|end)(Object|Array)$/.test(name)) depth += name.startsWith('s') ? 1 : -1
    if (depth > deepest) throw new SyntaxError(`it has more than ${deepest} objects and arrays in each other`)
    if (tokens.length > 0) yield tokens
  }
}

function tokensIn(parse: () => ReturnType<TokenSource>): readonly Token[] {
  try {
    const tokens = parse()
    return typeof tokens === 'symbol' ? [] : tokens.values
  } catch (cause) {
    throw new SyntaxError('it is no JSON', { cause })
  }
}
