import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { expect, onTestFinished, test } from 'vitest'
import { createGateway, createToken, nodeListener } from '../../../src/gateway.ts'
import { nextOf } from '../../queue/setup.ts'
import { confirm } from './confirm.ts'
import { describeInBrowser, type Scene, useBrowser } from './browser.ts'

const shown = { timeout: 20_000 }
const { token, entry } = createToken({ name: 'ada', scopes: ['admin'] })

/** An application with a page of its own, and below /a/jobs the gateway to the same jobs. */
async function application({ backend }: Scene): Promise<string> {
  const gateway = createGateway({ backend, basePath: '/a/jobs', tokens: [entry] })
  onTestFinished(() => gateway.close())
  const app = express()
  app.get('/', (_, answer) => void answer.send('<title>The application</title><a href="/a/jobs">Jobs</a>'))
  app.use('/a/jobs', nodeListener(gateway))
  const server = app.listen(0, '127.0.0.1')
  onTestFinished(() => server.closeAllConnections())
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describeInBrowser('the page below a path of an application', () => {
  const { setup } = useBrowser()

  test('is all there: login, links, live parts, files, buttons and the way out', async () => {
    const scene = await setup({ tokens: [entry] })
    const thumbs = scene.queue('thumbs')
    await thumbs.ready()
    const origin = await application(scene)
    const page = await scene.open('/', { expected: /401|404/ })
    const path = (): string => new URL(page.url()).pathname
    await page.goto(origin)
    await page.getByRole('link', { name: 'Jobs' }).click()
    await page.getByLabel('Token').fill('none of them')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByText('There is no such token here.').waitFor(shown)
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'Queues', level: 1 }).waitFor(shown)
    expect(path()).toBe('/a/jobs/')
    await page.getByText('Live', { exact: true }).waitFor(shown)

    await page.getByRole('link', { name: 'thumbs' }).click()
    await page.getByText('Live', { exact: true }).waitFor(shown)
    for (const tab of ['Runs', 'Schedules', 'Dead letters', 'Jobs']) {
      await page.getByRole('navigation', { name: 'Queue' }).getByRole('link', { name: tab }).click()
      await page.locator('[aria-current=page]', { hasText: tab }).waitFor(shown)
    }
    await page.getByLabel('Drop a file here').setInputFiles({
      name: 'cat.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('miaow'),
    })
    await page.getByRole('button', { name: 'Submit' }).click()
    await page.waitForURL(/\/a\/jobs\/ui\/queues\/thumbs\/jobs\//, shown)

    const downloading = page.waitForEvent('download')
    await page.getByRole('link', { name: 'cat.txt' }).click()
    expect((await downloading).suggestedFilename()).toBe('cat.txt')
    await page.getByText('Live', { exact: true }).waitFor(shown)
    const job = await nextOf(thumbs)
    expect(await job.text()).toBe('miaow')
    await job.release({ error: new TypeError('The decoder is lost') })
    await page.getByText('The decoder is lost').first().waitFor(shown)
    await confirm(page, 'Cancel')
    await page.getByText('The job is cancelled').first().waitFor(shown)
    expect(path()).toBe(`/a/jobs/ui/queues/thumbs/jobs/${job.id}`)

    await page.goto(`${origin}/a/jobs/ui/nothing`)
    await page.getByRole('link', { name: 'To the queues' }).click()
    await page.getByRole('heading', { name: 'Queues', level: 1 }).waitFor(shown)
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByLabel('Token').waitFor(shown)
    expect(path()).toBe('/a/jobs/')
  })

  test('has a way over its head that stays on it', async () => {
    const { queue, open } = await setup({ basePath: '/jobs' })
    await queue('thumbs').ready()
    const page = await open('/ui/queues/thumbs?status=failed')
    const at = page.url()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect([page.url(), await page.evaluate('document.activeElement.id')]).toEqual([`${at}#main`, 'main'])
  })
})
