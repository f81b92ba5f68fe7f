/** Starts `true` so often, so many at a time, and does nothing else: what every way to do it from Node costs at least. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const [count = 0, jobs = 1] = process.argv.slice(2).map(Number)
let left = count

async function hand(): Promise<void> {
  for (; left > 0;) {
    left -= 1
    const child = spawn('true', { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.resume()
    child.stderr.resume()
    await once(child, 'close')
  }
}

await Promise.all(Array.from({ length: jobs }, hand))
