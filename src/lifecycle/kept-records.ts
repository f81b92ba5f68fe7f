import { formatRecord, type ResultRecord } from '../protocol/record.ts'

/** Most bytes that are kept: what nobody asks for must not fill the memory. */
const mostBytes = 64 * 1024 * 1024

/** Records that came in replies and are written nowhere; the oldest go when there are too many. */
export class KeptRecords {
  readonly #records = new Map<string, { readonly record: ResultRecord; readonly bytes: number }>()
  #bytes = 0

  add(record: ResultRecord): void {
    // The first counts, as it does where records are written.
    if (this.#records.has(record.id)) return
    const bytes = Buffer.byteLength(formatRecord(record))
    this.#records.set(record.id, { record, bytes })
    this.#bytes += bytes
    for (const [id, old] of this.#records) {
      if (this.#bytes <= mostBytes) return
      this.#records.delete(id)
      this.#bytes -= old.bytes
    }
  }

  get(id: string): ResultRecord | undefined {
    return this.#records.get(id)?.record
  }
}
