import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, connect } from 'node:net'
import { userInfo } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'

/** Servers that the peers need, on 127.0.0.1, with the durability that is usual: what they keep is flushed to the disk. */
export interface Servers extends AsyncDisposable {
  readonly redisPort: number
  readonly postgres: string
}

interface Server {
  stop(): Promise<void>
}

/** redis-server and PostgreSQL as Debian has them. */
export async function startServers(directory: string): Promise<Servers> {
  const [redisPort, postgresPort] = [await freePort(), await freePort()]
  const redis = await startRedis(`${directory}/redis`, redisPort)
  const postgres = await startPostgres(`${directory}/postgres`, postgresPort)
  return {
    redisPort,
    postgres: `postgres://postgres@127.0.0.1:${postgresPort}/postgres`,
    async [Symbol.asyncDispose]() {
      await Promise.all([redis.stop(), postgres.stop()])
    },
  }
}

/** Redis's append-only file, flushed every second: up to a second of jobs is lost with the machine's power. */
async function startRedis(directory: string, port: number): Promise<Server> {
  mkdirSync(directory)
  const flags = {
    port: String(port),
    bind: '127.0.0.1',
    dir: directory,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
  }
  const redis = spawn(
    'redis-server',
    Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
    { stdio: 'ignore' },
  )
  await listening(port)
  return { stop: () => ended(redis, () => redis.kill()) }
}

/** PostgreSQL as it is by default: every commit is flushed. It refuses to run as root, so there it runs as its own user. */
async function startPostgres(directory: string, port: number): Promise<Server> {
  const [version = ''] = readdirSync('/usr/lib/postgresql').toSorted().toReversed()
  const programs = `/usr/lib/postgresql/${version}/bin`
  const as = userInfo().uid === 0 ? ['runuser', '-u', 'postgres', '--'] : []
  mkdirSync(directory)
  if (as.length > 0) execFileSync('chown', ['postgres', directory])
  chmodSync(directory, 0o700)
  const [first, ...rest] = [
    ...as,
    `${programs}/initdb`,
    '-D',
    directory,
    '-U',
    'postgres',
    '-A',
    'trust',
    '--locale=C',
    '-E',
    'UTF8',
  ]
  execFileSync(first, rest, { stdio: 'ignore', cwd: '/' })
  const [program, ...flags] = [
    ...as,
    `${programs}/postgres`,
    '-D',
    directory,
    '-p',
    String(port),
    '-h',
    '127.0.0.1',
    '-k',
    '',
    '-c',
    'max_connections=200',
  ]
  const postgres = spawn(program, flags, { stdio: 'ignore', cwd: '/' })
  await listening(port)
  // The server's own process: who runs as another user is started by a program that keeps signals to itself. SIGINT ends it without waiting for clients.
  const [id = ''] = readFileSync(`${directory}/postmaster.pid`, 'utf8').split('\n')
  return { stop: () => ended(postgres, () => process.kill(Number(id), 'SIGINT')) }
}

async function ended(server: ChildProcess, end: () => unknown): Promise<void> {
  if (server.exitCode !== null) return
  const exit = once(server, 'exit')
  end()
  await exit
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const socket = connect(port, '127.0.0.1')
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isThere) return
    await wait(100)
  }
  throw new Error(`Nothing listens on port ${port}`)
}
