import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { nextOf } from '../../queue/setup.ts'
import { describeInBrowser, useBrowser } from './browser.ts'

const shown = { timeout: 20_000 }

describeInBrowser('a file on the page of a queue', () => {
  const { setup } = useBrowser()

  test('is taken where it is dropped, with metadata, and leads to its job', async () => {
    const { queue, open } = await setup()
    const thumbs = queue('thumbs')
    await thumbs.ready()
    const page = await open('/ui/queues/thumbs')
    await page.getByText('Metadata', { exact: true }).click()
    await page.getByLabel('An object of JSON, for the worker').fill('no JSON')
    await drop(page, 'cat.txt', 'miaow')
    await page.getByRole('alert').getByText('Metadata has to be an object of JSON').waitFor(shown)
    await page.getByLabel('An object of JSON, for the worker').fill('{"width": 320}')
    await drop(page, 'cat.txt', 'miaow')
    await page.waitForURL(/\/jobs\//, shown)
    await page.getByText('"width": 320').first().waitFor(shown)
    const job = await nextOf(thumbs)
    expect([job.filename, job.contentType, job.metadata['width'], await job.text()]).toEqual([
      'cat.txt',
      'text/plain',
      320,
      'miaow',
    ])
  })

  test('is one, and a file: anything else that is dropped is refused', async () => {
    const { queue, open } = await setup()
    const thumbs = queue('thumbs')
    await thumbs.ready()
    const page = await open('/ui/queues/thumbs')
    const files = ['a.txt', 'b.txt'].map((name) => `transfer.items.add(new File(['x'], '${name}'))`)
    await dropOn(page, files.join(';'))
    await page.getByRole('alert').getByText('Drop one file: each is a job').waitFor(shown)
    await dropOn(page, "transfer.setData('text/plain', 'words')")
    await page.getByRole('alert').getByText('That was no file').waitFor(shown)
    expect(await Array.fromAsync(thumbs.list())).toEqual([])
  })

  test('shows how far its upload is, and is stopped', async () => {
    const { queue, open } = await setup()
    const thumbs = queue('thumbs')
    await thumbs.ready()
    const page = await open('/ui/queues/thumbs')
    // As slow as a phone far from anything.
    const session = await page.context().newCDPSession(page)
    await session.send('Network.enable')
    const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 100_000 }
    await session.send('Network.emulateNetworkConditions', slow)
    await page
      .getByLabel('Drop a file here')
      .setInputFiles({ name: 'big.bin', mimeType: 'application/x-thing', buffer: Buffer.alloc(5_000_000) })
    await page.getByRole('button', { name: 'Submit' }).click()
    await page.getByRole('progressbar').waitFor(shown)
    expect(await page.getByRole('button', { name: 'Submit' }).isDisabled()).toBe(true)
    await expect.poll(() => page.locator('#sent').innerText()).toMatch(/^big\.bin, [1-9]\d? %$/)
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('progressbar').waitFor({ state: 'hidden', ...shown })
    expect(await Array.fromAsync(thumbs.list())).toEqual([])
  })
})

/** What a browser is told when somebody drops a file. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  const file = `new File([${JSON.stringify(text)}], ${JSON.stringify(name)}, { type: 'text/plain' })`
  await dropOn(page, `transfer.items.add(${file})`)
}

/** Drops what the script puts into a `transfer`. */
async function dropOn(page: Page, fill: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    `(() => { const transfer = new DataTransfer(); ${fill}; return transfer })()`,
  )
  for (const type of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent('#drop', type, { dataTransfer })
}
