import { expect, test } from 'vitest'
import { createToken } from '../../../src/gateway.ts'
import { describeInBrowser, useBrowser } from './browser.ts'

const { token, entry } = createToken({ name: 'anna', scopes: ['read', 'submit'] })
/** What Chromium says of a page that asks for a token. */
const expected = /401/

describeInBrowser('whoever logs in', () => {
  const { setup } = useBrowser()

  test('comes to the page that was asked for, also after a wrong token', async () => {
    const { queue, url, open } = await setup({ tokens: [entry] })
    await queue('thumbs').submit({ n: 1 })
    const page = await open('/ui/queues/thumbs?status=pending', { expected })
    await page.getByLabel('Token').fill('wrong')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('alert').getByText('There is no such token here').waitFor()
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'thumbs' }).waitFor()
    expect(page.url()).toBe(`${url}/ui/queues/thumbs?status=pending`)
  })

  test('comes back to the job whose button was pressed when the session was over', async () => {
    const { queue, url, open } = await setup({ tokens: [entry] })
    const { id } = await queue('thumbs').submit({ n: 1 })
    const job = `/ui/queues/thumbs/jobs/${id}`
    const page = await open(job, { expected })
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('button', { name: 'Cancel' }).waitFor()
    await page.context().clearCookies()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: /^Job/ }).waitFor()
    expect(page.url()).toBe(url + job)
    expect(await queue('thumbs').status(id)).toBe('pending')
  })
})
