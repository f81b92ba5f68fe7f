import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { serve } from '@hono/node-server'
import { expect, onTestFinished, test } from 'vitest'
import { createToken } from '../../../src/gateway.ts'
import { setup } from './setup.ts'

const run = promisify(execFile)
const minutes = 60_000
const project = '4e49b3e0-27a8-48d2-a784-c7ee48bb863b'
const sdk = 'ibm-code-engine-sdk==6.0.6'
const folder = resolve('.cache/code-engine-sdk-6.0.6')
const python = join(folder, 'bin/python')

/** IBM's SDK in an environment of its own, which is kept. Why it cannot be had, where it cannot. */
async function missing(): Promise<string | undefined> {
  try {
    if (!existsSync(python)) {
      await mkdir(folder, { recursive: true })
      await run('python3', ['-m', 'venv', folder], { timeout: 2 * minutes })
    }
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', sdk], { timeout: 3 * minutes })
    return undefined
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    return `${sdk} cannot be installed here, which needs python3 with venv and pip: ${String(error).split('\n')[0]}`
  }
}

/** The gateway on a port of this machine. */
async function listening({ gateway }: Awaited<ReturnType<typeof setup>>): Promise<string> {
  const server = serve({
    fetch: (request) => gateway(request, { remoteAddress: '127.0.0.1' }),
    port: 0,
    hostname: '127.0.0.1',
  })
  onTestFinished(() => void server.close())
  if (!server.listening) await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no address')
  return `http://127.0.0.1:${address.port}/v2`
}

test.skipIf(process.platform === 'win32')(
  'IBM’s own SDK does with the gateway what it does with Code Engine',
  { timeout: 8 * minutes },
  async ({ skip }) => {
    const why = await missing()
    if (why !== undefined) skip(why)
    const { token, entry } = createToken({ name: 'sdk', scopes: ['admin'], queues: ['runs'] })
    const stage = await setup({ projects: { [project]: 'runs' }, tokens: [entry], region: 'eu-de' })
    stage.worker()
    const url = await listening(stage)
    const { stdout } = await run(python, ['test/gateway/code-engine/sdk.py', url, project], {
      env: { ...process.env, GATEWAY_TOKEN: token },
      timeout: 4 * minutes,
    })
    const calls = stdout.trim().split('\n')
    expect([...new Set(calls.filter((call) => /^[a-z_]+$/.test(call)))].toSorted()).toEqual([
      'create_config_map',
      'create_job',
      'create_job_run',
      'create_secret',
      'delete_config_map',
      'delete_job',
      'delete_job_run',
      'delete_secret',
      'get_config_map',
      'get_job',
      'get_job_run',
      'get_secret',
      'list_config_maps',
      'list_job_runs',
      'list_jobs',
      'list_secrets',
      'replace_config_map',
      'replace_secret',
      'update_job',
    ])
    expect(calls.at(-1)).toBe('all done')
  },
)
