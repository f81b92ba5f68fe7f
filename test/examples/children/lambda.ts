// What Lambda's runtime is for a function: it calls its handler with each event, a line of input, and prints what was answered.
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'

type Handler = (event: unknown, second: unknown, context: unknown) => Promise<unknown>

// https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html: what is said of a streamed answer goes before it, as JSON
// and eight zeros.
Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: Handler) => handler,
    HttpResponseStream: {
      from(stream: PassThrough, metadata: unknown) {
        stream.write(`${JSON.stringify(metadata)}${'\0'.repeat(8)}`)
        return stream
      },
    },
  },
})

const [, , file = '', mode = ''] = process.argv
const { handler, buffered } = (await import(pathToFileURL(file).href)) as { handler: Handler; buffered: Handler }

for await (const line of createInterface(process.stdin)) {
  const event: unknown = JSON.parse(line)
  const answer = await (mode === 'buffered' ? buffered(event, {}, {}) : streamed(event))
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}

async function streamed(event: unknown): Promise<unknown> {
  const stream = new PassThrough()
  const [, bytes] = await Promise.all([handler(event, stream, {}), buffer(stream)])
  const end = bytes.indexOf('\0'.repeat(8))
  const metadata: unknown = JSON.parse(bytes.subarray(0, end).toString())
  return { ...Object(metadata), isBase64Encoded: true, body: bytes.subarray(end + 8).toString('base64') }
}
