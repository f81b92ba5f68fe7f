import { once } from 'node:events'
import { mkdir, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../local/setup.ts'
import { setup } from './command.ts'
import { ctrlC, open } from './terminal.ts'

/** Whether a process has a file of that name open, and so waits for its lock. */
async function hasOpen(pid: number | undefined, name: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  const links = (await readdir(folder)).map((fd) => readlink(join(folder, fd)).catch(() => ''))
  return (await Promise.all(links)).some((path) => path.endsWith(name))
}

describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
  test('as soon as a job was sent is answered with how to wait on, options of the place and all', async () => {
    const cli = await setup()
    await cli.files({ a: 'a' })
    const local = join(cli.folder, 'my jobs')
    const words = ['submit', 'letters', 'a', '--id', 'mine', '--wait', `--local=${local}`, '--prefix', 'team']
    const screen = open(cli, words, { COLUMNS: '400' })
    await screen.sees(/Submitted a job to letters\./)
    screen.type(ctrlC)
    expect(await screen.ended()).toBe(130)
    const said = screen.text().replaceAll(/\n/g, '')
    expect(said).toContain('No longer waiting.')
    expect(said).toContain(
      `error: Stopped waiting; the job goes on: remotejob result letters mine '--local=${local}' --prefix=team`,
    )
  })

  test('twice gives back what is in hand, and leaves no files of a program that had to be killed', async () => {
    const cli = await setup()
    const folder = join(cli.folder, 'temporary')
    await mkdir(folder)
    await cli.run(['submit', 'letters', '--id', 'mine'])
    const program = 'trap "" TERM; echo begun > begun; sleep 60 & wait; sleep 60'
    const words = ['work', 'letters', '--grace', '0.2', '--', 'sh', '-c', program]
    const worker = cli.start(words, { env: { TMPDIR: folder } })
    await expect.poll(() => readdir(cli.folder), { timeout: 18_000 }).toContain('begun')
    expect(await readdir(folder)).toHaveLength(1)
    const over = once(worker, 'close')
    // Two of one kind that come at once may be one.
    worker.kill('SIGTERM')
    worker.kill('SIGINT')
    expect((await over)[0]).toBe(0)
    expect(await readdir(folder)).toEqual([])
    expect((await cli.run(['status', 'letters', 'mine'])).stdout).toContain('pending')
  })

  test.skipIf(process.platform !== 'linux')(
    'ends a command soon that waits for a lock of the local database',
    async () => {
      const cli = await setup()
      await cli.run(['submit', 'letters', '--id', 'mine'])
      const other = openDatabase(join(cli.folder, 'jobs'))
      other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
      onTestFinished(() => other.close())
      for (const words of [
        ['result', 'letters', 'mine'],
        ['logs', 'letters', 'mine', '--follow'],
        ['queues', '--watch'],
        ['cancel', 'letters', 'mine'],
      ]) {
        const child = cli.start(words)
        const ended = once(child, 'close')
        await expect.poll(() => hasOpen(child.pid, 'remotejob.sqlite3'), { timeout: 18_000 }).toBe(true)
        const began = performance.now()
        child.kill('SIGINT')
        await ended
        // Half of what it would be willing to wait for the lock.
        expect(performance.now() - began, words.join(' ')).toBeLessThan(15_000)
      }
    },
  )
})
