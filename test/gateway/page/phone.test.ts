import { expect, test } from 'vitest'
import { Runs } from '../../../src/runs.ts'
import { describeInBrowser, useBrowser } from './browser.ts'

const phone = { viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true }

describeInBrowser('on a phone', () => {
  const { setup } = useBrowser()

  test('a job is two lines of a list: its status and time, and its id in one', async () => {
    const { queue, open } = await setup()
    const { id } = await queue('thumbs').submit({ n: 1 })
    const page = await open('/ui/queues/thumbs', phone)
    const link = page.getByRole('row').getByRole('link', { name: id })
    const box = await link.boundingBox()
    expect(box?.height).toBeLessThan(30)
    const above = await page.getByRole('row').getByText('pending', { exact: true }).boundingBox()
    expect(above && box && above.y < box.y && above.x === box.x).toBe(true)
  })

  test('a run is three lines of a list: its status, its name in one, and its numbers with what they are', async () => {
    const { queue, open } = await setup()
    const runs = new Runs(queue('runs'))
    const run = await runs.submit({ name: 'frames', command: ['false'], arrayIndexes: '0-40' })
    const page = await open('/ui/queues/runs/runs', phone)
    const link = page.getByRole('row').getByRole('link', { name: run })
    expect((await link.boundingBox())?.height).toBeLessThan(30)
    const label = `getComputedStyle(document.querySelector('td.number'), '::before').content`
    expect(await page.evaluate(label)).toContain('Done')
  })

  test('a file is chosen, and nothing asks to drop one', async () => {
    const { queue, open } = await setup()
    await queue('thumbs').ready()
    const page = await open('/ui/queues/thumbs', phone)
    await page.getByText('A file for the job').waitFor()
    expect(await page.getByText('Drop a file here').isVisible()).toBe(false)
  })

  test('a cell of a run can be hit: none is nearer to another than a finger', async () => {
    const { queue, open } = await setup()
    const run = await new Runs(queue('runs')).submit({ name: 'frames', command: ['false'], arrayIndexes: '0-40' })
    const page = await open(`/ui/queues/runs/runs/${run}`, phone)
    const [first, second] = await Promise.all(
      [0, 1].map((index) => page.getByRole('link', { name: `Index ${index}:` }).boundingBox()),
    )
    // WCAG 2.2, 2.5.8: circles of 24 pixels around them do not meet.
    expect((second?.x ?? 0) - (first?.x ?? 0)).toBeGreaterThanOrEqual(24)
  })
})
