/** A program that runs for each object that is written below `texts/`, and writes a result beside it. node object-event.ts */
import { setTimeout as wait } from 'node:timers/promises'
import { Queue } from 'remotejob'
import { Runs } from 'remotejob/runs'

const { CE_DATA, CE_TYPE, CE_LANGUAGE } = process.env

if (CE_DATA === undefined) await subscribe()
else await count(CE_DATA)

/** What somebody does once, and then whoever writes objects. */
async function subscribe() {
  const documents = new Queue('documents')
  await documents.ready()
  const queue = new Queue('runs')
  const runs = new Runs(queue)
  await runs.jobs.create({ name: 'count', command: [process.execPath, import.meta.filename] })
  await runs.subscriptions.create({
    name: 'texts',
    bucket: 'remotejobs-documents',
    destination: 'count',
    eventType: 'write',
    prefix: 'texts/',
    extensions: { language: 'en' },
  })
  const worker = runs.work()

  // No job is submitted: the objects make them. What the program writes is not below texts/, and makes none.
  await documents.store({ key: 'texts/haiku.txt', body: 'an old silent pond' })
  await documents.store({ key: 'texts/a b+c.txt', body: 'one two' })
  for (const key of ['counts/haiku.txt.json', 'counts/a b+c.txt.json']) console.log(await textAt(documents, key))
  console.log((await runs.list()).map(({ jobName }) => jobName))

  await runs.subscriptions.delete('texts')
  await worker.close()
  await queue.close()
  await documents.close()
}

/** What the program does. */
async function count(data: string) {
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- the worker wrote it
  const { bucket, key }: { bucket: string; key: string } = JSON.parse(data)
  const documents = new Queue('documents', { bucket })
  const text = await (await documents.retrieve(key)).text()
  const result = { type: CE_TYPE, language: CE_LANGUAGE, words: text.split(' ').length }
  await documents.store({ key: key.replace('texts/', 'counts/') + '.json', body: JSON.stringify(result) })
  await documents.close()
}

async function textAt(queue: Queue, key: string): Promise<string> {
  for (;;) {
    const found = await queue.retrieve(key).catch(() => undefined)
    if (found) return found.text()
    await wait(50)
  }
}
