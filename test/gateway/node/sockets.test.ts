import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { served } from '../entered.ts'

const patience = { timeout: 20_000 }

/** A connection that says what it is told to, and keeps what it hears. */
async function dial(
  port: number,
): Promise<{ readonly socket: Socket; heard(): string; readonly closed: Promise<unknown> }> {
  const socket = connect(port, '127.0.0.1')
  const chunks: string[] = []
  socket.setEncoding('latin1').on('data', (text: string) => chunks.push(text))
  socket.on('error', () => {})
  const closed = once(socket, 'close')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return { socket, heard: () => chunks.join(''), closed }
}

/** Says something again and again, until the other side has had enough. */
function repeat(socket: Socket, text: string, milliseconds: number): void {
  const timer = setInterval(() => socket.write(text), milliseconds)
  socket.once('close', () => clearInterval(timer))
}

const head = (...lines: readonly string[]): string => [...lines, 'Host: localhost', '', ''].join('\r\n')

describe('a client', () => {
  test('that sends the head of a request byte by byte is not waited for', async () => {
    const { port } = await served({ headSeconds: 1 }, () => {})
    const { socket, heard, closed } = await dial(port)
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
    repeat(socket, 'a', 100)
    await closed
    expect(heard()).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('that sends a body byte by byte is not waited for, and its route learns that it broke off', async () => {
    const broken = Promise.withResolvers<unknown>()
    const { port, house } = await served({ pace: { patienceSeconds: 1 } }, (app) =>
      app.post('/', async (c) => {
        await c.req.arrayBuffer().catch(broken.resolve)
        return c.text('')
      }),
    )
    const { socket, heard, closed } = await dial(port)
    socket.write(head('POST / HTTP/1.1', 'Content-Length: 100000'))
    repeat(socket, 'a', 100)
    await closed
    expect(heard()).toMatch(/^HTTP\/1\.1 408 /)
    expect(await broken.promise).toBeInstanceOf(Error)
    await expect.poll(() => house.crowd.size, patience).toBe(0)
  })

  test('whose upload keeps the pace may take longer than anybody is waited for', async () => {
    const { port } = await served({ pace: { patienceSeconds: 2, bytesPerSecond: 100 } }, (app) =>
      app.post('/', async (c) => c.text(`got ${(await c.req.arrayBuffer()).byteLength}`)),
    )
    const { socket, heard } = await dial(port)
    const pieces = 40
    socket.write(head('POST / HTTP/1.1', `Content-Length: ${pieces * 1000}`))
    for (let sent = 0; sent < pieces; sent += 1) {
      socket.write('a'.repeat(1000))
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await expect.poll(heard, patience).toContain('got 40000')
  })

  test('that waits for a route which reads nothing yet is left alone', async () => {
    const go = Promise.withResolvers<void>()
    const { port } = await served({ pace: { patienceSeconds: 1 } }, (app) =>
      app.post('/', async (c) => {
        await go.promise
        return c.text(`got ${(await c.req.arrayBuffer()).byteLength}`)
      }),
    )
    const { socket, heard } = await dial(port)
    socket.write(head('POST / HTTP/1.1', 'Content-Length: 1000000'))
    socket.write('a'.repeat(1_000_000))
    await new Promise((resolve) => setTimeout(resolve, 4000))
    expect([heard(), socket.destroyed]).toEqual(['', false])
    go.resolve()
    await expect.poll(heard, patience).toContain('got 1000000')
  })

  test('that takes nothing of a large answer is not waited for, and the answer is made no further', async () => {
    const seen = { chunks: 0, isCancelled: false }
    const { port, house } = await served({ pace: { patienceSeconds: 1 } }, (app) =>
      app.get('/', (c) =>
        c.body(
          new ReadableStream<Uint8Array>({
            pull(controller) {
              seen.chunks += 1
              controller.enqueue(new Uint8Array(65_536))
            },
            cancel() {
              seen.isCancelled = true
            },
          }),
        ),
      ),
    )
    const { socket } = await dial(port)
    socket.pause()
    socket.write(head('GET / HTTP/1.1'))
    await expect.poll(() => seen.isCancelled, patience).toBe(true)
    await expect.poll(() => house.crowd.size, patience).toBe(0)
    expect(seen.chunks).toBeLessThan(2000)
  })

  test('that listens to something quiet is left alone', async () => {
    const { port, house } = await served({ pace: { patienceSeconds: 1 } }, (app) =>
      app.get('/', (c) =>
        c.body(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(':\n\n')) })),
      ),
    )
    const { socket, heard } = await dial(port)
    socket.write(head('GET / HTTP/1.1'))
    await expect.poll(heard, patience).toContain(':\n\n')
    await new Promise((resolve) => setTimeout(resolve, 4000))
    expect([socket.destroyed, house.crowd.size]).toEqual([false, 1])
  })

  test('that goes away in the middle of its body takes its request along', async () => {
    const aborted = Promise.withResolvers<void>()
    const { port, house } = await served({}, (app) =>
      app.post('/', async (c) => {
        c.req.raw.signal.addEventListener('abort', () => aborted.resolve())
        await c.req.arrayBuffer()
        return c.text('')
      }),
    )
    const { socket } = await dial(port)
    socket.write(`${head('POST / HTTP/1.1', 'Content-Length: 100000')}aaa`)
    await expect.poll(() => house.crowd.size, patience).toBe(1)
    socket.destroy()
    await aborted.promise
    await expect.poll(() => house.crowd.size, patience).toBe(0)
  })

  test.each([
    ['of too many bytes', head('GET / HTTP/1.1', `X-Large: ${'a'.repeat(20_000)}`), '431'],
    ['without a host', 'GET / HTTP/1.1\r\n\r\n', '400'],
    ['with a host that is none', 'GET / HTTP/1.1\r\nHost: a/b@c\r\n\r\n', '400'],
    ['with two sizes', head('POST / HTTP/1.1', 'Content-Length: 1', 'Content-Length: 2'), '400'],
    ['with a size and chunks', head('POST / HTTP/1.1', 'Content-Length: 1', 'Transfer-Encoding: chunked'), '400'],
    ['of another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', '400'],
  ])('with a head %s is refused, and nothing of it is told back', async (_, text, status) => {
    const { port } = await served({}, (app) => app.all('/', (c) => c.text('reached')))
    const { socket, heard } = await dial(port)
    socket.write(text)
    await expect.poll(heard, patience).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(heard()).not.toContain('reached')
  })
})

test('connections beyond the most are closed at once', async () => {
  const { port } = await served({ connections: 1 }, (app) => app.get('/', (c) => c.text('reached')))
  const first = await dial(port)
  const second = await dial(port)
  await second.closed
  first.socket.write(head('GET / HTTP/1.1'))
  await expect.poll(first.heard, patience).toContain('reached')
})

describe('a front that closes', () => {
  test('takes no connection, says so to who asks whether it is ready, and lets requests end', async () => {
    const go = Promise.withResolvers<void>()
    const { front, port, house } = await served({}, (app) =>
      app.get('/slow', async (c) => {
        await go.promise
        return c.text('done all the same')
      }),
    )
    const slow = await dial(port)
    slow.socket.write(head('GET /slow HTTP/1.1'))
    await expect.poll(() => house.crowd.size, patience).toBe(1)
    // One that has begun a request is not idle.
    const probe = await dial(port)
    probe.socket.write('GET /ready HTTP/1.1\r\n')
    const before = await fetch(`${front.url}/ready`)
    expect([before.status, await before.json()]).toEqual([200, { status: 'ok' }])
    const closed = front.close()
    probe.socket.write('Host: localhost\r\n\r\n')
    await expect.poll(probe.heard, patience).toMatch(/^HTTP\/1\.1 503 /)
    expect(probe.heard().toLowerCase()).toContain('connection: close')
    await expect(fetch(`${front.url}/ready`)).rejects.toThrow('fetch failed')
    go.resolve()
    await closed
    await expect.poll(slow.heard, patience).toContain('done all the same')
  })

  test('ends what does not end by itself, after as long as it is told to wait', async () => {
    const { front, port, house } = await served({}, (app) => app.get('/', () => new Promise<Response>(() => {})))
    const { socket, closed } = await dial(port)
    socket.write(head('GET / HTTP/1.1'))
    await expect.poll(() => house.crowd.size, patience).toBe(1)
    await front.close({ timeoutSeconds: 1 })
    await closed
  })
})
