import { Queue } from 'remotejob'

// A requester that names no backend: the environment does.
const queue = new Queue<{ n: number }>('shared')
const handle = await queue.submit({ n: 20, body: 'the input' })
const { value, assets } = await handle.result({ timeoutSeconds: 15 })
process.stdout.write(JSON.stringify({ value, output: await assets['output']?.text() }))
await queue.close()
