import type { Writable } from 'node:stream'

/** A program to run: a file and its arguments, and no shell. */
export interface Program {
  readonly command: string
  readonly args: readonly string[]
  /** What it is told of its job, on top of the environment that the executor gives it. */
  readonly environment: Readonly<Record<string, string>>
  /** Where it starts; otherwise where the executor starts programs. */
  readonly directory: string | undefined
  /** The job's files, which the program must be able to reach at this path. */
  readonly folder: string
  /** Folders of this machine by where a container's program finds them; it can only read them. @default none */
  readonly places?: Readonly<Record<string, string>> | undefined
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
  /** By a signal, our own or another's; `reason` says more where it is known. */
  | { readonly kind: 'killed'; readonly signal: string; readonly reason?: 'OOMKilled' | undefined }
  /** It could not be started. */
  | { readonly kind: 'not started'; readonly reason: NotStarted; readonly error: Error }

export type NotStarted = 'ExecutableNotFound' | 'NotExecutable' | 'ContainerNotCreated'

/** A way to run programs: as a process of this machine, or in a container. */
export interface Executor {
  /** Resolves when nothing of the program runs any more. */
  run(program: Program, execution: Execution): Promise<ProgramEnd>
}
