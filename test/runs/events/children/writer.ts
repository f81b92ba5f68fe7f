// Stores objects until it is killed, and prints the keys of those that were acknowledged.
import { openQueue } from './open.ts'

const documents = openQueue('documents')
const [, name = ''] = process.argv.slice(2)
for (let index = 0; index < 1000; index += 1) {
  const key = `texts/${name}-${index}`
  await documents.store({ key, body: key })
  process.stdout.write(`${key}\n`)
}
