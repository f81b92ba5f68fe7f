import { expect, test } from 'vitest'
import { Schedules } from '../../../src/cron.ts'
import { createToken } from '../../../src/gateway.ts'
import { confirm } from './confirm.ts'
import { describeInBrowser, useBrowser } from './browser.ts'

const nightly = { name: 'nightly', cron: '30 2 * * *', timeZone: 'Europe/Zurich' }

describeInBrowser('the page of schedules', () => {
  const { setup } = useBrowser()

  test('shows schedules with their next tick', async () => {
    const { queue, open } = await setup()
    const schedules = new Schedules(queue('reports'))
    await schedules.create(nightly)
    await schedules.create({ name: 'hourly', cron: '0 * * * *' })
    await schedules.pause('hourly')
    const page = await open('/ui/queues/reports/schedules')
    expect(await page.getByRole('row').filter({ hasText: 'nightly' }).innerText()).toMatch(
      /30 2 \* \* \* Europe\/Zurich\s+in \d+ (hour|minute|second)s?/,
    )
    expect(await page.getByRole('row').filter({ hasText: 'hourly' }).innerText()).toContain('paused')
  })

  test('pauses a schedule, resumes and deletes it, each once that is confirmed', async () => {
    const { queue, open } = await setup()
    const schedules = new Schedules(queue('reports'))
    await schedules.create(nightly)
    const page = await open('/ui/queues/reports/schedules')
    const isPaused = async () => (await schedules.get('nightly'))?.paused
    await confirm(page, 'Pause')
    await page.getByText('makes no jobs until it is resumed').first().waitFor()
    expect([await isPaused(), await page.getByRole('row').last().innerText()]).toEqual([
      true,
      expect.stringContaining('paused'),
    ])
    await confirm(page, 'Resume')
    await page.getByText('The schedule goes on').waitFor()
    expect(await isPaused()).toBe(false)
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('dialog', { name: 'Delete “nightly”?' }).getByRole('button', { name: 'Keep as it is' }).click()
    expect(await isPaused()).toBe(false)
    await confirm(page, 'Delete')
    await page.getByText('No schedules').waitFor()
    expect(await isPaused()).toBeUndefined()
  })

  test('says so where a schedule went meanwhile', async () => {
    const { queue, open } = await setup()
    const schedules = new Schedules(queue('reports'))
    for (const deed of ['Pause', 'Delete']) {
      await schedules.create(nightly)
      const page = await open('/ui/queues/reports/schedules')
      await schedules.delete('nightly')
      await confirm(page, deed)
      await page.getByText('That schedule is not there any more').waitFor()
    }
  })

  test('has no buttons for who may not change them, and refuses what is sent without', async () => {
    const { token, entry } = createToken({ name: 'anna', scopes: ['read', 'submit'] })
    const { queue, url, open } = await setup({ tokens: [entry] })
    const schedules = new Schedules(queue('reports'))
    await schedules.create(nightly)
    const page = await open('/ui/queues/reports/schedules', { expected: /401/ })
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('row').filter({ hasText: 'nightly' }).waitFor()
    expect(await page.getByRole('button').allInnerTexts()).toEqual(['Log out'])
    const answer = await fetch(`${url}/ui/queues/reports/schedules`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
      body: new URLSearchParams({ name: 'nightly', deed: 'delete' }),
    })
    expect([answer.status, (await schedules.get('nightly'))?.paused]).toEqual([403, false])
  })

  test('does nothing else to them', async () => {
    const { queue, url } = await setup()
    await new Schedules(queue('reports')).create(nightly)
    const body = new URLSearchParams({ name: 'nightly', deed: 'burn' })
    const answer = await fetch(`${url}/ui/queues/reports/schedules`, { method: 'POST', body })
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('paused, resumed or deleted')])
  })
})
