// Answers every message of `pending` in `completed`, until it says "end".
import { openTest, print } from './open.ts'

const opened = await openTest()
print('ready')
for (let isOpen = true; isOpen;) {
  const deliveries = await opened.pending.receive({ max: 1, waitSeconds: 20, leaseSeconds: 30 })
  for (const { body, receipt } of deliveries) {
    if (body === 'end') isOpen = false
    else await opened.queue('test-completed').send({ body: `${Date.now()}` })
    await opened.pending.delete(receipt)
  }
}
await opened.close()
