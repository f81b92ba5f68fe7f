import { Server } from 'node:net'
import { type FauxqsServer, startFauxqs } from 'fauxqs'

/** fauxqs on 127.0.0.1 only; left to itself it listens on every interface. */
export async function startFauxqsOnLoopback(): Promise<FauxqsServer> {
  const listen = Server.prototype.listen
  Server.prototype.listen = function (this: Server, options: unknown, ...rest: unknown[]) {
    const local = typeof options === 'object' && options !== null ? { ...options, host: '127.0.0.1' } : options
    return Reflect.apply(listen, this, [local, ...rest])
  }
  try {
    return await startFauxqs({ port: 0, logger: false })
  } finally {
    Server.prototype.listen = listen
  }
}
