// Claims `round/<n>` for as many rounds as it is told, each when it is told, and prints those that it won.
import { createInterface } from 'node:readline'
import { openTest, print } from './open.ts'

const opened = await openTest()
const [, name = ''] = process.argv.slice(2)
print('ready')
for await (const round of createInterface({ input: process.stdin })) {
  const written = await opened.objects.putIfAbsent(`round/${round}`, Buffer.from(name))
  print(written ? 'won' : 'lost')
}
await opened.close()
