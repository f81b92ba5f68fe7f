import { readFile } from 'node:fs/promises'
import axe from 'axe-core'
import { expect, test } from 'vitest'
import { Schedules } from '../../../src/cron.ts'
import { createToken } from '../../../src/gateway.ts'
import { Runs } from '../../../src/runs.ts'
import { nextOf } from '../../queue/setup.ts'
import { describeInBrowser, type Scene, useBrowser } from './browser.ts'

const looks = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['as wide as a phone', { viewport: { width: 320, height: 640 } }],
] as const

/** A queue with something of everything, and the paths of all pages. */
async function fill({ queue }: Scene): Promise<string[]> {
  const thumbs = queue('thumbs')
  const photo = await readFile('examples/thumbnails/photos/camera.png')
  const ids: string[] = []
  for (let n = 0; n < 4; n += 1)
    ids.push((await thumbs.submit({ filename: 'camera.png', width: 320, body: photo }, { attempts: 2 })).id)
  const first = await nextOf(thumbs)
  await first.complete({
    value: { width: 320 },
    assets: { 'a.png': photo, 'b.json': '{"a":1}', 'c.txt': 'x'.repeat(5000), 'd.bin': 'x' },
  })
  await (await nextOf(thumbs)).release({ error: new Error('once') })
  await (await nextOf(thumbs)).fail(new Error('The decoder is lost'))
  await (await nextOf(thumbs)).progress(0.4)
  const runs = new Runs(queue('runs'))
  const run = await runs.submit({ name: 'frames', command: ['false'], arrayIndexes: '0-40', retryLimit: 0 })
  await new Schedules(thumbs).create({ name: 'nightly', cron: '0 3 * * *' })
  const jobs = ids.map((id) => `/ui/queues/thumbs/jobs/${id}`)
  const pages = ['', '/schedules', '/runs', '/dead', '?status=failed'].map((path) => `/ui/queues/thumbs${path}`)
  return [
    '/',
    ...pages,
    ...jobs,
    '/ui/queues/runs/runs',
    `/ui/queues/runs/runs/${run}`,
    `/ui/queues/runs/runs/${run}/3`,
  ]
}

describeInBrowser('every page', () => {
  const { setup } = useBrowser()

  test.each(looks)(
    'is accessible, and no wider than the window: %s',
    async (_, look) => {
      const scene = await setup()
      const paths = await fill(scene)
      expect(paths.length).toBe(13)
      const page = await scene.open('/', look)
      const found: unknown[] = []
      for (const path of paths) {
        await page.goto(scene.url + path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.evaluate(axe.source)
        const violations = await page.evaluate(
          'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))',
        )
        found.push(...[violations].flat().map((one) => [path, one]))
        const overflow = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        )
        if (overflow !== 0) found.push([path, `is ${String(overflow)} pixels too wide`])
      }
      expect(found).toEqual([])
    },
    120_000,
  )

  test('is accessible while something is confirmed', async () => {
    const { queue, open } = await setup()
    const { id } = await queue('thumbs').submit({ n: 1 })
    const page = await open(`/ui/queues/thumbs/jobs/${id}`)
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('dialog').waitFor()
    await page.evaluate(axe.source)
    expect(await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id }) => id))')).toEqual([])
  })

  test('asks for a token where there are some, and shows what that token may see', async () => {
    const { token, entry } = createToken({ name: 'anna', scopes: ['read'], queues: ['thumbs'] })
    const { queue, open } = await setup({ tokens: [entry] })
    const { id } = await queue('thumbs').submit({ n: 1 })
    await queue('letters').submit({ n: 1 })
    const page = await open('/', { expected: /401|403/ })
    await page.evaluate(axe.source)
    expect(await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id }) => id))')).toEqual([])
    await page.getByLabel('Token').fill('remotejob_wrong')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('alert').getByText('There is no such token here').waitFor()
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('link', { name: 'thumbs' }).click()
    await page.getByRole('link', { name: id }).click()
    await page.getByRole('heading', { name: /^Job/ }).waitFor()
    expect(await page.getByRole('button', { name: 'Cancel' }).count()).toBe(0)
    await page.goto(new URL('/', page.url()).href)
    await page.getByRole('link', { name: 'thumbs' }).waitFor()
    expect(await page.getByRole('link', { name: 'letters' }).count()).toBe(0)
    await page.goto(new URL('/ui/queues/letters', page.url()).href)
    await page.getByRole('heading', { name: 'Forbidden' }).waitFor()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByLabel('Token').waitFor()
  })
})
