import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { answers, freePort, startDaemon } from './daemon.ts'
import { run } from './program.ts'
import { cached, inTemporaryFolder, type RealServer } from './real-server.ts'

const version = '1.7.1'
const jars = cached(`elasticmq-${version}`)

/** SQS in Scala, from Maven Central: https://github.com/softwaremill/elasticmq */
export const elasticmq: RealServer = {
  name: `ElasticMQ ${version}`,

  async install(signal) {
    await run('java', ['-version'], { signal })
    if (existsSync(jars)) return
    const folder = cached('elasticmq-download')
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'pom.xml'), pom)
    // There is no jar with everything in it, so Maven says what belongs together.
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=jars']
    await run('mvn', ['--quiet', '--batch-mode', ...goal], { directory: folder, signal })
    await rename(join(folder, 'jars'), jars)
    await rm(folder, { recursive: true })
  },

  start: () =>
    inTemporaryFolder(async (directory) => {
      const port = await freePort()
      const endpoint = `http://127.0.0.1:${port}`
      await writeFile(join(directory, 'elasticmq.conf'), configuration(port))
      const memory = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
      const settings = ['-Dconfig.file=elasticmq.conf', `-Djava.io.tmpdir=${directory}`]
      const args = [...memory, ...settings, '-cp', join(jars, '*'), 'org.elasticmq.server.Main']
      const daemon = await startDaemon({ program: 'java', args, directory, isReady: () => answers(endpoint) })
      return { endpoint, close: () => daemon.close() }
    }),
}

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>test</groupId>
  <artifactId>servers</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.elasticmq</groupId>
      <artifactId>elasticmq-server_2.13</artifactId>
      <version>${version}</version>
    </dependency>
  </dependencies>
</project>
`

/** Strict: it refuses what SQS refuses. */
function configuration(port: number): string {
  return `include classpath("application.conf")
node-address { protocol = http, host = "127.0.0.1", port = ${port}, context-path = "" }
rest-sqs { enabled = true, bind-hostname = "127.0.0.1", bind-port = ${port}, sqs-limits = strict }
rest-stats { enabled = false }
`
}
