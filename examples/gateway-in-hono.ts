// Jobs over HTTP below /jobs of a Hono application, beside its own routes. node gateway-in-hono.ts
import { once } from 'node:events'
import { type HttpBindings, serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { Hono } from 'hono'
import { createGateway } from 'remotejob/gateway'

// Without `tokens` only this machine gets in.
const gateway = createGateway({ basePath: '/jobs', queues: ['letters'] })

const app = new Hono<{ Bindings: HttpBindings }>()
app.get('/', (c) => c.text('The application'))
app.post('/orders', async (c) => c.json({ ordered: await c.req.json<unknown>() }))
app.all('/jobs/*', (c) =>
  gateway(c.req.raw, { remoteAddress: getConnInfo(c).remote.address, ended: once(c.env.outgoing, 'close') }),
)

const server = serve({ fetch: app.fetch, port: Number(process.env['PORT'] ?? 3000), hostname: '127.0.0.1' }, (at) => {
  console.log('listening', at)
})

process.once('SIGTERM', () => {
  server.close()
  void gateway.close()
})
