import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { answers, type Daemon, freePort, startDaemon } from './daemon.ts'
import { run, Unavailable, works } from './program.ts'
import { accessKeyId, inTemporaryFolder, type RealServer, type RunningServer, secretAccessKey } from './real-server.ts'

const packages = ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph-common']

/** S3 as Ceph has it, from Debian: one monitor, one OSD that keeps all in memory, and the gateway before them. */
export const radosgw: RealServer = {
  name: 'radosgw',

  async install(signal) {
    if (await isInstalled()) return
    if (!(await works('apt-get', '--version'))) throw new Unavailable('there is no `apt-get` on this machine')
    if (process.getuid?.() !== 0) {
      throw new Unavailable(
        `only root may install it: \`apt-get install --no-install-recommends ${packages.join(' ')}\``,
      )
    }
    const environment = { DEBIAN_FRONTEND: 'noninteractive' }
    await run('apt-get', ['update', '--quiet'], { signal })
    await run('apt-get', ['install', '--yes', '--no-install-recommends', ...packages], { environment, signal })
  },

  start: () => inTemporaryFolder(startCluster),
}

async function isInstalled(): Promise<boolean> {
  const programs = ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph']
  return (await Promise.all(programs.map((program) => works(program, '--version')))).every(Boolean)
}

async function startCluster(directory: string): Promise<RunningServer> {
  const daemons: Daemon[] = []
  const close = async (): Promise<void> => {
    for (const daemon of daemons.toReversed()) await daemon.close()
  }
  try {
    const cluster = await prepare(directory)
    daemons.push(await startMonitor(cluster))
    daemons.push(await startStore(cluster))
    await makeUser(cluster)
    const port = await freePort()
    const endpoint = `http://127.0.0.1:${port}`
    const frontend = `--rgw-frontends=beast endpoint=127.0.0.1:${port} tcp_nodelay=1`
    daemons.push(await cluster.start('radosgw', ['-n', gateway, frontend], () => answers(endpoint)))
    return { endpoint, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Who the gateway is within the cluster. */
const gateway = 'client.rgw'

interface Cluster {
  readonly directory: string
  readonly id: string
  /** Where the monitor listens. */
  readonly monitor: string
  /** Runs one of Ceph's tools on this cluster. */
  run(program: string, ...args: readonly string[]): Promise<string>
  /** Starts one of its daemons in the foreground. */
  start(program: string, args: readonly string[], isReady: () => Promise<boolean>): Promise<Daemon>
}

async function prepare(directory: string): Promise<Cluster> {
  const id = randomUUID()
  const monitor = `127.0.0.1:${await freePort()}`
  const conf = join(directory, 'ceph.conf')
  for (const folder of ['monitor', 'store', 'run']) await mkdir(join(directory, folder))
  await writeFile(conf, configuration(id, monitor, directory))
  return {
    directory,
    id,
    monitor,
    run: (program, ...args) => run(program, ['-c', conf, ...args], { directory }),
    start: (program, args, isReady) => startDaemon({ program, args: ['-c', conf, '-f', ...args], directory, isReady }),
  }
}

async function startMonitor({ directory, id, monitor, ...cluster }: Cluster): Promise<Daemon> {
  const map = join(directory, 'monitors')
  await run('monmaptool', ['--create', '--fsid', id, '--addv', 'a', `[v1:${monitor}]`, map])
  await cluster.run('ceph-mon', '--mkfs', '-i', 'a', '--monmap', map, '--keyring', await makeKeys(directory))
  return await cluster.start('ceph-mon', ['-i', 'a'], () =>
    cluster.run('ceph', '--connect-timeout', '5', 'mon', 'stat').then(
      () => true,
      () => false,
    ),
  )
}

/** A key for everybody. Without keys the monitor refuses its first callers now and then. */
async function makeKeys(directory: string): Promise<string> {
  const keyring = join(directory, 'keyring')
  await run('ceph-authtool', ['--create-keyring', keyring])
  for (const name of ['mon.', 'client.admin', 'osd.0', gateway]) {
    const rights = ['mon', 'osd', 'mgr'].flatMap((part) => ['--cap', part, 'allow *'])
    await run('ceph-authtool', [keyring, '--name', name, '--gen-key', ...rights])
  }
  return keyring
}

async function startStore(cluster: Cluster): Promise<Daemon> {
  const id = randomUUID()
  const number = (await cluster.run('ceph', 'osd', 'new', id)).trim()
  await cluster.run('ceph-osd', '-i', number, '--mkfs', '--osd-uuid', id)
  return await cluster.start('ceph-osd', ['-i', number], () =>
    cluster.run('ceph', 'osd', 'stat').then(
      (state) => state.includes('1 up'),
      () => false, // a young monitor refuses now and then
    ),
  )
}

async function makeUser(cluster: Cluster): Promise<void> {
  const keys = [`--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`]
  await cluster.run('radosgw-admin', '-n', gateway, 'user', 'create', '--uid=test', '--display-name=test', ...keys)
}

/** One of everything, so nothing is replicated. */
function configuration(id: string, monitor: string, directory: string): string {
  return `[global]
fsid = ${id}
mon host = [v1:${monitor}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
run dir = ${directory}/run
admin socket =
log file =
log to stderr = true
err to stderr = true
mon data = ${directory}/monitor
mon cluster log file =
mon allow pool size one = true
osd data = ${directory}/store
osd objectstore = memstore
memstore device bytes = 4294967296
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
rgw enable usage log = false
keyring = ${directory}/keyring
`
}
