// Requester and worker in one process, kept in a folder: no account, no server. node local.ts
import { Queue } from 'remotejob'
import { localBackend } from 'remotejob/local'

const queue = new Queue('shout', { backend: localBackend({ directory: '.remotejob' }) })

const handle = await queue.submit({ language: 'en', body: 'hello' })

const job = await queue.next()
console.log(`took ${job.id}: ${JSON.stringify(job.metadata)}`)
const text = await job.text()
await job.complete({ value: { letters: text.length }, assets: { output: text.toUpperCase() } })

const result = await handle.result()
console.log(result.status, result.value, await result.assets['output']?.text())
await queue.close()
