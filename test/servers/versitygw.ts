import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { answers, freePort, startDaemon } from './daemon.ts'
import { run } from './program.ts'
import { accessKeyId, cached, inTemporaryFolder, type RealServer, region, secretAccessKey } from './real-server.ts'

const version = '1.8.0'
const folder = cached(`versitygw-${version}`)

/** S3 over a folder, in Go: https://github.com/versity/versitygw */
export const versitygw: RealServer = {
  name: `versitygw ${version}`,

  async install(signal) {
    if (existsSync(join(folder, 'versitygw'))) return
    const environment = { GOBIN: folder, GOFLAGS: '-mod=mod' }
    await run('go', ['install', `github.com/versity/versitygw/cmd/versitygw@v${version}`], { environment, signal })
  },

  start: () =>
    inTemporaryFolder(async (directory) => {
      const address = `127.0.0.1:${await freePort()}`
      const endpoint = `http://${address}`
      await mkdir(join(directory, 'objects'))
      const args = ['--port', address, '--region', region, 'posix', join(directory, 'objects')]
      const environment = { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey }
      const program = join(folder, 'versitygw')
      const daemon = await startDaemon({ program, args, directory, environment, isReady: () => answers(endpoint) })
      return { endpoint, close: () => daemon.close() }
    }),
}
