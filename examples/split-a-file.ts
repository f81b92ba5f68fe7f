/** The lines of a file are divided among ten programs, which any machine with a worker can run. */
import { createInterface } from 'node:readline'
import { Queue } from 'remotejob'
import { Runs } from 'remotejob/runs'

const queue = new Queue('words')
const { JOB_INDEX, JOB_ARRAY_SIZE, KEY = '' } = process.env

if (JOB_INDEX === undefined) await countAll()
else await countPart(Number(JOB_INDEX), Number(JOB_ARRAY_SIZE))
await queue.close()

/** What a requester does. */
async function countAll() {
  const lines = Array.from({ length: 1000 }, (_, number) => `line ${number} of a long file`)
  const key = await queue.store({ filename: 'long.txt', body: lines.join('\n') })
  const runs = new Runs(queue)
  const worker = runs.work({ concurrency: 4 })
  const name = await runs.submit({
    name: 'count-words',
    command: [process.execPath, import.meta.filename],
    arrayIndexes: '0-9',
    environment: [{ kind: 'literal', name: 'KEY', value: key }],
  })
  const { status, succeeded } = await runs.wait(name)
  console.log(`${status}: ${succeeded}`)
  let sum = 0
  for await (const { bytes } of runs.logs(name)) sum += Number(Buffer.from(bytes).toString())
  console.log(`${sum} words`)
  await worker.close()
}

/** What one of the ten programs does: every tenth line. */
async function countPart(index: number, size: number) {
  const file = await queue.retrieve(key())
  let words = 0
  let number = 0
  for await (const line of createInterface({ input: file.createReadStream() })) {
    if (number % size === index) words += line.split(' ').length
    number += 1
  }
  console.log(words)
}

function key() {
  if (KEY !== '') return KEY
  throw new Error('Expected the key of the file in KEY')
}
