// Jobs over HTTP below /jobs of an Express application, beside its own routes. node gateway-in-express.ts
import express from 'express'
import { createGateway, nodeListener } from 'remotejob/gateway'

// Without `tokens` only this machine gets in.
const gateway = createGateway({ basePath: '/jobs', queues: ['letters'] })

const app = express()
// Before express.json(): what is uploaded is streamed.
app.use('/jobs', nodeListener(gateway))
app.use(express.json())
app.get('/', (_request, response) => void response.send('The application'))
app.post('/orders', (request, response) => {
  const ordered: unknown = request.body
  response.json({ ordered })
})

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  console.log('listening', server.address())
})

process.once('SIGTERM', () => {
  server.close()
  void gateway.close()
})
