import type { Counted } from './count.ts'

/** Who moves the bytes, and which way. */
export type Subject =
  | 'submit' // Queue.submit of a stream of unknown length
  | 'take' // Queue.next, then createReadStream to nowhere
  | 'take-to-file' // the same, to a file
  | 'lib-storage' // Upload of @aws-sdk/lib-storage
  | 'get-object' // GetObject of @aws-sdk/client-s3
  | 'copy-streams' // a stream, of a file or made up, to createWriteStream of node:fs
  | 'trigger' // not measured: a job on an object that is there already

/** What a client process is told to do. */
export interface Task {
  readonly subject: Subject
  /** Bytes. */
  readonly size: number
  readonly withDigest: boolean
  /** The object to read, where it is not the next job's input. */
  readonly key?: string | undefined
  /** A local backend's directory, instead of servers. */
  readonly local?: { readonly directory: string; readonly fsync: boolean } | undefined
  /** The file to read from or write to, where bytes come from or go to one. */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** What a client process did. */
export interface Measurement {
  readonly seconds: number
  /** Of the processor, user and system together, from the start of the transfer to its end. */
  readonly processorSeconds: number
  /** Bytes of memory at the most, the whole process from its start on. */
  readonly peakBytes: number
  /** What it read, where it did. */
  readonly counted?: Counted | undefined
  /** Under which key it wrote, where it did. */
  readonly key?: string | undefined
}
