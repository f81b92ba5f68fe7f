import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Counted } from './count.ts'
import type { Endpoints, ServerKind } from './server.ts'
import type { Measurement, Task } from './task.ts'

type Environment = Readonly<Record<string, string>>

/** A server in a process of its own. */
export interface ServerProcess extends AsyncDisposable {
  /** Leads the SDK to this server, whoever uses it. */
  readonly environment: Environment
  /** What arrived under a key. */
  uploaded(key: string): Promise<Counted>
}

export async function startServer(kind: ServerKind, withDigest: boolean): Promise<ServerProcess> {
  const child = start('./server.js', [kind, withDigest ? 'digest' : ''], {})
  const { s3, sqs } = await answerOf<Endpoints>(child)
  return {
    environment: {
      AWS_ENDPOINT_URL_S3: s3,
      AWS_ENDPOINT_URL_SQS: sqs,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'a-secret-that-is-none',
    },
    uploaded(key) {
      child.send(key)
      return answerOf<Counted>(child)
    },
    async [Symbol.asyncDispose]() {
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    },
  }
}

/**
 * One transfer in a process of its own, so that the most memory it ever had is this transfer's. (On Linux a process begins with what
 * its parent has, so the one that runs this must stay small.)
 */
export async function runClient(task: Task, environment: Environment = {}): Promise<Measurement> {
  const child = start('./client.js', [], environment)
  const exit = once(child, 'exit')
  child.send(task)
  const measurement = await answerOf<Measurement>(child)
  await exit
  return measurement
}

/** Seconds that a program takes, with its start. */
export async function runProgram(program: string, parameters: readonly string[]): Promise<number> {
  const start = performance.now()
  const [code] = await once(spawn(program, parameters, { stdio: 'inherit' }), 'exit')
  if (code !== 0) throw new Error(`${program} ${parameters.join(' ')} ended with ${code}`)
  return (performance.now() - start) / 1000
}

/** Of this process's environment nothing that could change a figure is handed on. */
function start(file: string, parameters: readonly string[], environment: Environment): ChildProcess {
  const { PATH = '', HOME = '', TMPDIR } = process.env
  const env = { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...environment }
  return fork(fileURLToPath(new URL(file, import.meta.url)), parameters, { env, execArgv: [] })
}

/** The next message of a process of ours, which is what its own file says it sends. */
async function answerOf<Answer>(child: ChildProcess): Promise<Answer> {
  const ended = new AbortController()
  const abort = (code: number | null): void => ended.abort(new Error(`A process ended with ${code} before it answered`))
  child.once('exit', abort)
  try {
    const [answer]: Answer[] = await once(child, 'message', { signal: ended.signal })
    if (answer === undefined || answer === null) throw new Error('A process had no answer')
    return answer
  } catch (error) {
    ended.signal.throwIfAborted()
    throw error
  } finally {
    child.off('exit', abort)
  }
}
