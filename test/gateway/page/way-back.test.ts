import { expect, test } from 'vitest'
import { nextOf } from '../../queue/setup.ts'
import { describeInBrowser, useBrowser } from './browser.ts'
import { confirm } from './confirm.ts'

describeInBrowser('a page that the browser kept for the way back', () => {
  const { setup } = useBrowser({ keepsPages: true })

  test('asks nothing that was answered, and its buttons can be pressed again', async () => {
    const { queue, open } = await setup()
    const thumbs = queue('thumbs')
    const { id } = await thumbs.submit({ n: 1 })
    await (await nextOf(thumbs)).complete()
    const page = await open(`/ui/queues/thumbs/jobs/${id}`)
    await page.evaluate('window.isKept = true')
    await confirm(page, 'Resubmit')
    await page.getByText('This is the new job').waitFor()
    await page.goBack({ waitUntil: 'commit' })
    await expect.poll(() => page.evaluate('window.isKept')).toBe(true)
    const left = '[...document.querySelectorAll("dialog[open], button:disabled")].map(({ id }) => id)'
    await expect.poll(() => page.evaluate(left)).toEqual([])
    await confirm(page, 'Resubmit')
    await page.getByText('This is the new job').waitFor()
    expect(await Array.fromAsync(thumbs.list())).toHaveLength(3)
  })

  test('takes another file', async () => {
    const { queue, open } = await setup()
    await queue('thumbs').ready()
    const page = await open('/ui/queues/thumbs')
    await page.evaluate('window.isKept = true')
    const file = { name: 'cat.txt', mimeType: 'text/plain', buffer: Buffer.from('miaow') }
    await page.getByLabel('Drop a file here').setInputFiles(file)
    await page.getByRole('button', { name: 'Submit' }).click()
    await page.waitForURL(/\/jobs\//)
    await page.goBack({ waitUntil: 'commit' })
    await expect.poll(() => page.evaluate('window.isKept')).toBe(true)
    await expect.poll(() => page.getByRole('progressbar').isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Submit' }).click()
    await page.waitForURL(/\/jobs\//)
  })
})
