// Metadata that is checked at both ends and has a type. Any Standard Schema will do: valibot, zod, arktype. node typed-metadata.ts
import { isRemoteJobError, Queue } from 'remotejob'
import * as v from 'valibot'

const Thumbnail = v.object({
  filename: v.string(),
  width: v.pipe(v.number(), v.integer(), v.minValue(1)),
  format: v.optional(v.picklist(['png', 'webp']), 'png'),
})

const queue = new Queue('thumbs', { metadata: Thumbnail })

await queue.submit({ filename: 'cat.jpg', width: 320, body: 'not really a picture' })

const job = await queue.next()
const { width, format } = job.metadata // number and 'png' | 'webp', the default filled in
await job.complete({ filename: `cat.${format}`, body: `a picture ${width} wide` })
console.log(`completed at ${width} px as ${format}`)

try {
  await queue.submit({ filename: 'dog.jpg', width: 0.5 })
} catch (error) {
  if (!isRemoteJobError(error)) throw error
  console.log(`${error.code}: ${error.message}`)
}
await queue.close()
