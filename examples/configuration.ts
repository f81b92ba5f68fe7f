/** A stored job whose program has its settings from a config map, and its password from a secret. node configuration.ts */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Queue } from 'remotejob'
import { Runs } from 'remotejob/runs'

const { JOB_MOUNTS_DIR, GREETING, TOKEN } = process.env

if (GREETING === undefined) await askForIt()
else await greet(join(JOB_MOUNTS_DIR ?? '', 'people', 'names.txt'))

/** What a requester does. */
async function askForIt() {
  const queue = new Queue('greetings')
  const runs = new Runs(queue)
  await runs.configMaps.create('greeter', { GREETING: 'Hello', 'names.txt': 'Ada\nGrace\n' })
  await runs.secrets.create('mail', { token: 'not for everybody' })
  await runs.jobs.create({
    name: 'greet',
    command: [process.execPath, import.meta.filename],
    environment: [
      { kind: 'all', from: 'config map', reference: 'greeter', prefix: '' },
      { kind: 'key', from: 'secret', reference: 'mail', key: 'token', name: 'TOKEN' },
    ],
    mounts: [{ directory: 'people', from: 'config map', name: 'greeter' }],
  })
  const worker = runs.work()
  await tell(runs, await runs.submit({ job: 'greet' }))

  // Instances that start from now on have what is there now, and the job stays as it is.
  await runs.configMaps.update('greeter', { GREETING: 'Good morning' })
  await tell(runs, await runs.submit({ job: 'greet' }))
  console.log('secret:', (await runs.secrets.get('mail'))?.keys)
  await worker.close()
  await queue.close()
}

async function tell(runs: Runs, name: string) {
  await runs.wait(name)
  for await (const { bytes } of runs.logs(name)) console.log(Buffer.from(bytes).toString().trim())
}

/** What the program does. */
async function greet(names: string) {
  const people = (await readFile(names, 'utf8')).trim().split('\n')
  console.log(`${GREETING} ${people.join(' and ')}, with a token of ${TOKEN?.length} letters`)
}
