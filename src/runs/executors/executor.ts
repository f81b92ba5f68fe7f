import type { Writable } from 'node:stream'

/** A program to run: a file and its arguments, and no shell. */
export interface Program {
  readonly command: string
  readonly args: readonly string[]
  /** All of its environment. */
  readonly environment: Readonly<Record<string, string>>
  /** Where it starts. */
  readonly directory: string
}

/** What a run needs beside the program. */
export interface Execution {
  /** What it prints goes there; both are ended with the run. */
  readonly stdout: Writable
  readonly stderr: Writable
  /** Ends the program and all that it started: it is asked to, and after {@link graceSeconds} it has to. */
  readonly signal: AbortSignal
  readonly graceSeconds: number
}

/** How a program ended. */
export type ProgramEnd =
  | { readonly kind: 'exited'; readonly code: number }
  /** By a signal, our own or another's. */
  | { readonly kind: 'killed'; readonly signal: string }
  /** It could not be started. */
  | { readonly kind: 'not started'; readonly reason: 'ExecutableNotFound' | 'NotExecutable'; readonly error: Error }

/** A way to run programs: as a process of this machine, or in a container. */
export interface Executor {
  /** Resolves when nothing of the program runs any more. */
  run(program: Program, execution: Execution): Promise<ProgramEnd>
}
