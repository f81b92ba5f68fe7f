import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Job, Queue } from '../../../src/index.ts'
import { Runs } from '../../../src/runs.ts'
import { nextOf } from '../../queue/setup.ts'
import { confirm } from './confirm.ts'
import { describeInBrowser, useBrowser } from './browser.ts'

const shown = { timeout: 20_000 }

/** Waits until a text can be seen somewhere on the page. */
async function see(page: Page, text: string | RegExp): Promise<void> {
  await page.getByText(text).first().waitFor(shown)
}

async function print(job: Job, text: string): Promise<void> {
  const log = job.createLog('stdout')
  log.end(text)
  await once(log, 'finish')
}

/** A job that failed for good. */
async function failedJob(queue: Queue): Promise<string> {
  const { id } = await queue.submit({ filename: 'a.txt', colour: 'grey', body: 'the input' })
  await (await nextOf(queue)).fail(new TypeError('The decoder is lost'))
  return id
}

describeInBrowser('the page', () => {
  const { setup } = useBrowser()

  test('shows queues with what they hold, and follows them', async () => {
    const { queue, open } = await setup()
    await queue('thumbs').submit({ n: 1 })
    const page = await open('/')
    const card = page.getByRole('listitem').filter({ hasText: 'thumbs' })
    await expect.poll(() => card.innerText()).toMatch(/Waiting\s+1\s/)
    await queue('thumbs').submit({ n: 2 })
    await queue('letters').submit({ n: 1 })
    await expect.poll(() => card.innerText()).toMatch(/Waiting\s+2\s/)
    await page.getByRole('link', { name: 'letters' }).click()
    await page.getByRole('heading', { name: 'letters', level: 1 }).waitFor(shown)
  })

  test('shows jobs as they move', async () => {
    const { queue, open } = await setup()
    const thumbs = queue('thumbs')
    await thumbs.submit({ n: 1 })
    const page = await open('/ui/queues/thumbs')
    const rows = page.getByRole('table').getByRole('row')
    await expect.poll(() => rows.allInnerTexts()).toHaveLength(2)
    const { id } = await thumbs.submit({ n: 2 })
    await expect.poll(async () => (await rows.allInnerTexts())[1]).toContain(id)
    expect(await rows.nth(1).innerText()).toContain('pending')
    await (await nextOf(thumbs)).complete()
    await (await nextOf(thumbs)).complete()
    await expect.poll(() => rows.nth(1).innerText()).toContain('completed')
    await page.getByRole('link', { name: 'failed', exact: true }).click()
    await see(page, 'No failed jobs')
  })

  test('shows a job’s input, progress, log, errors and end, while it goes on', async () => {
    const { queue, open } = await setup()
    const thumbs = queue('thumbs')
    const photo = await readFile('examples/thumbnails/photos/camera.png')
    const { id } = await thumbs.submit({ filename: 'notes.txt', colour: 'grey', body: 'the input itself' })
    const page = await open(`/ui/queues/thumbs/jobs/${id}`)
    await see(page, 'the input itself')
    await see(page, '"colour": "grey"')
    await (await nextOf(thumbs)).release({ error: new TypeError('The decoder is lost') })
    await see(page, 'The decoder is lost')
    const job = await nextOf(thumbs)
    await print(job, 'line one\n')
    await job.progress({ done: 1, of: 4 })
    await see(page, '25 %')
    await see(page, 'line one')
    const assets = {
      'thumb.png': photo,
      'sub/picture.svg': '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="4" height="4"/></svg>',
      'facts.json': '{"iso":200}',
      'table.csv': 'a,b\n1,2\n',
    }
    await job.complete({ value: { width: 320 }, assets })
    await page.getByRole('heading', { name: 'Assets' }).waitFor(shown)
    await see(page, '"width": 320')
    await see(page, '"iso": 200')
    await see(page, 'a,b')
    expect(await page.locator('#said').innerText()).toBe('It is completed now')
    const widths = () => page.evaluate('[...document.images].map((image) => image.naturalWidth > 0)')
    await expect.poll(widths).toEqual([true, true])
    const downloading = page.waitForEvent('download')
    await page.getByRole('link', { name: 'thumb.png', exact: true }).click()
    expect(await readFile(await (await downloading).path())).toEqual(photo)
  })

  test('cancels a job by the keyboard alone, once that is confirmed', async () => {
    const { queue, open } = await setup()
    const thumbs = queue('thumbs')
    const { id } = await thumbs.submit({ n: 1 })
    const page = await open(`/ui/queues/thumbs/jobs/${id}`)
    const cancel = page.getByRole('button', { name: 'Cancel' })
    await cancel.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Cancel this job?' }).waitFor(shown)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden', ...shown })
    expect(await thumbs.status(id)).toBe('pending')
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Cancel')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await see(page, 'The job is cancelled')
    expect(await thumbs.status(id)).toBe('cancelled')
  })

  test('asks for nothing any more once it is too late, and never for something else instead', async () => {
    const { queue, open } = await setup()
    const thumbs = queue('thumbs')
    const { id } = await thumbs.submit({ n: 1 })
    const page = await open(`/ui/queues/thumbs/jobs/${id}`)
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('dialog', { name: 'Cancel this job?' }).waitFor(shown)
    await (await nextOf(thumbs)).complete()
    await page.getByRole('button', { name: 'Resubmit', exact: true }).waitFor({ state: 'attached', ...shown })
    expect(await page.getByRole('dialog').count()).toBe(0)
    await confirm(page, 'Resubmit')
    await see(page, 'This is the new job')
  })

  test('keeps asking for the same while a run’s other buttons change', async () => {
    const { queue, open } = await setup()
    const runs = new Runs(queue('runs'))
    const name = await runs.submit({ name: 'frames', command: ['false'], arrayIndexes: '0-1', retryLimit: 0 })
    const page = await open(`/ui/queues/runs/runs/${name}`)
    await page.getByRole('button', { name: 'Resubmit', exact: true }).click()
    await using _worker = runs.work()
    await page.getByText('Why indexes failed').waitFor({ state: 'attached', ...shown })
    await expect.poll(() => page.locator('button', { hasText: 'Resubmit what failed' }).count()).toBe(2)
    await page.getByRole('dialog', { name: 'Resubmit this run?' }).waitFor(shown)
    await page.getByRole('dialog').getByRole('button', { name: 'Keep as it is' }).click()
    await page.getByRole('dialog').waitFor({ state: 'hidden', ...shown })
  })

  test('retries a job that failed, and submits one that completed again', async () => {
    const { queue, open } = await setup()
    const thumbs = queue('thumbs')
    const id = await failedJob(thumbs)
    const page = await open(`/ui/queues/thumbs/jobs/${id}`)
    await see(page, 'The decoder is lost')
    await confirm(page, 'Retry')
    await see(page, 'This is the new job')
    const again = await nextOf(thumbs)
    expect([page.url().includes(again.id), again.metadata, await again.text()]).toEqual([
      true,
      { filename: 'a.txt', colour: 'grey' },
      'the input',
    ])
    await again.complete()
    await page.getByRole('button', { name: 'Resubmit' }).waitFor(shown)
    await confirm(page, 'Resubmit')
    await expect.poll(() => page.url()).not.toContain(again.id)
    expect((await nextOf(thumbs)).id).not.toBe(again.id)
  })

  test('shows why letters are dead, and brings one back, or all', async () => {
    const { queue, backend, open } = await setup()
    const thumbs = queue('thumbs')
    await thumbs.ready()
    const raw = backend.open({
      bucket: 'remotejobs-thumbs',
      queues: new Map([['pending', 'thumbs-pending']]),
      deadLetterQueue: 'thumbs-dead',
      leaseSeconds: 30,
      attempts: 3,
      provision: 'never',
    } as unknown as Parameters<typeof backend.open>[0])
    for (const body of ['what is this', 'and that', 'and those'])
      await raw.queue('thumbs-dead').send({ body, attributes: { reason: 'It is no job' } })
    await raw.close()
    const page = await open('/ui/queues/thumbs/dead')
    await expect.poll(() => page.getByText('It is no job').count()).toBe(3)
    const first = page.getByRole('listitem').filter({ hasText: 'and that' })
    await first.getByRole('button', { name: 'Redrive' }).first().click()
    await page.getByRole('dialog').getByRole('button', { name: 'Redrive', exact: true }).click()
    await see(page, 'brought back')
    await expect.poll(() => page.getByText('It is no job').count()).toBe(2)
    await confirm(page, 'Redrive all')
    await see(page, 'No dead letters')
  })

  test('shows a run’s indexes as a grid while they end, and submits again what failed', async () => {
    const { queue, open } = await setup()
    const runs = new Runs(queue('runs'))
    const name = await runs.submit({
      name: 'frames',
      command: [process.execPath, '-e'],
      arguments: ['console.log("frame", process.env.JOB_INDEX); process.exit(Number(process.env.JOB_INDEX === "2"))'],
      arrayIndexes: '0-4',
      retryLimit: 0,
    })
    const page = await open(`/ui/queues/runs/runs/${name}`)
    await expect.poll(() => page.getByRole('link', { name: /^Index \d: pending/ }).count()).toBe(5)
    await using worker = runs.work({ concurrency: 1 })
    await page.getByRole('link', { name: 'Index 2: failed, ContainerExitedCode1' }).waitFor(shown)
    await expect.poll(() => page.getByRole('link', { name: /^Index \d: succeeded/ }).count()).toBe(4)
    await page.getByRole('link', { name: /^Index 3/ }).click()
    await see(page, 'frame 3')
    await page.goBack()
    await confirm(page, 'Resubmit what failed')
    await see(page, 'This is the new run')
    await expect.poll(() => page.getByRole('link', { name: /^Index/ }).count()).toBe(1)
    await page.getByRole('link', { name: 'Index 2: failed, ContainerExitedCode1' }).waitFor(shown)
    await page.getByRole('link', { name: 'Runs', exact: true }).click()
    await expect.poll(() => page.getByRole('row').count()).toBe(3)
    await worker.close()
  })

  test('is read page by page', async () => {
    const { queue, open } = await setup()
    const thumbs = queue('thumbs')
    const handles = await thumbs.submitMany(Array.from({ length: 60 }, (_, n) => ({ n })))
    const page = await open('/ui/queues/thumbs')
    await expect.poll(() => page.getByRole('row').count()).toBe(51)
    await page.getByRole('link', { name: 'Older' }).click()
    await expect.poll(() => page.getByRole('row').count()).toBe(11)
    await page.getByRole('link', { name: handles[0]?.id ?? '' }).click()
    await page.getByRole('heading', { name: /^Job/, level: 1 }).waitFor(shown)
  })

  test('takes up what it follows again when that was refused for a while', async () => {
    const { queue, open } = await setup()
    const thumbs = queue('thumbs')
    await thumbs.ready()
    const page = await open('/', { expected: /503/ })
    await page.clock.install()
    let refusals = 0
    await page.route('**/live', (route) => {
      refusals += 1
      return refusals === 1 ? route.fulfill({ status: 503 }) : route.continue()
    })
    await page.goto(new URL('/ui/queues/thumbs', page.url()).href)
    await page.getByText('Connecting', { exact: true }).waitFor(shown)
    await page.clock.fastForward(10_000)
    await page.getByText('Live', { exact: true }).waitFor(shown)
    const { id } = await thumbs.submit({ n: 1 })
    await page.getByRole('link', { name: id }).waitFor(shown)
  })

  test('lists runs page by page, the newest first', async () => {
    const { queue, open } = await setup()
    const runs = new Runs(queue('runs'))
    for (let n = 0; n < 60; n += 1) await runs.submit({ name: 'frames', command: ['false'], runName: `run-${n}` })
    const page = await open('/ui/queues/runs/runs')
    await expect.poll(() => page.getByRole('row').count()).toBe(51)
    expect(await page.getByRole('row').nth(1).innerText()).toContain('run-59')
    await page.getByRole('link', { name: 'Older' }).click()
    await expect.poll(() => page.getByRole('row').count()).toBe(11)
    expect(await page.getByRole('row').last().innerText()).toContain('run-0')
    await page.getByRole('link', { name: 'Newest' }).click()
    await page.getByRole('link', { name: 'run-59', exact: true }).waitFor(shown)
  })

  test('can be read, and a job cancelled, without its script', async () => {
    const { queue, open } = await setup()
    const thumbs = queue('thumbs')
    const { id } = await thumbs.submit({ filename: 'a.txt', body: 'the input' })
    const page = await open('/', { javaScriptEnabled: false })
    await page.getByRole('link', { name: 'thumbs' }).click()
    await page.getByRole('link', { name: id }).click()
    await see(page, 'the input')
    await confirm(page, 'Cancel')
    await see(page, 'The job is cancelled')
    expect(await thumbs.status(id)).toBe('cancelled')
  })

  test('says what is wrong with an address', async () => {
    const { queue, open } = await setup()
    await queue('thumbs').ready()
    const expected = /404/
    await see(await open('/ui/queues/thumbs/jobs/none', { expected }), 'There is no job "none"')
    await see(await open('/ui/queues/none', { expected }), 'Not Found')
    await see(await open('/ui/nothing', { expected }), 'There is nothing at /ui/nothing')
  })
})
