/** Where a subject works. */
export interface Site {
  readonly endpoint: string
  /** A queue of its own, for this run. */
  readonly queue: string
}

/** A way to send jobs and to work on them, that is compared with others. */
export interface Subject {
  /** Resolves when that many jobs of 1 KiB are sent. */
  send(count: number): Promise<void>
  /** Resolves when that many jobs are done with, and their messages gone. */
  work(count: number): Promise<void>
  close(): Promise<void>
}

/** What a module of `subjects/` exports. */
export interface SubjectModule {
  open(site: Site, variant: string): Promise<Subject>
}

/** About 1 KiB of JSON. */
export const payload = { text: 'x'.repeat(1000) }

/** How the SDK's clients reach the server. */
export function clientOptions(endpoint: string) {
  return {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'a-secret-that-is-none' },
  }
}
