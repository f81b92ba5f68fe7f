// Jobs over HTTP at the URL of a Lambda function, which calls one of the two handlers
import { Hono } from 'hono'
import { getConnInfo, handle, streamHandle } from 'hono/aws-lambda'
import { createGateway } from 'remotejob/gateway'

// `remotejob token create` prints a token and its hash.
const sha256 = process.env['TOKEN_SHA256'] ?? ''
const gateway = createGateway({ queues: ['letters'], tokens: [{ name: 'ci', sha256, scopes: ['submit', 'read'] }] })

const app = new Hono()
app.all('*', (c) => gateway(c.req.raw, { remoteAddress: getConnInfo(c).remote.address }))

/** For the invoke mode RESPONSE_STREAM: large downloads, and events as they come. */
export const handler = streamHandle(app)
/** For the invoke mode BUFFERED, where every answer is one text: bytes are base64 in it. */
export const buffered = handle(app, { isContentTypeBinary: () => true })
