import { once } from 'node:events'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { nextOf } from '../../queue/setup.ts'
import { describeInBrowser, useBrowser } from './browser.ts'

const script = `<script>document.title = 'owned'</script><img src=x onerror="document.title='owned'">`
/** Turns around what follows it. */
const bidi = '\u202egpj.exe\u2066'

/** Whether any script of a job ran in any page. */
async function isOwned(page: Page): Promise<boolean> {
  return (await page.title()).includes('owned')
}

describeInBrowser('what jobs bring along', () => {
  const { setup } = useBrowser()

  test('is shown as text, wherever it is', async () => {
    const { queue, url, open } = await setup()
    const thumbs = queue('thumbs')
    const named = `${script}${bidi}`
    const { id } = await thumbs.submit({ filename: named, [script]: script, body: script, contentType: 'text/html' })
    const job = await nextOf(thumbs)
    await job.progress({ [script]: bidi })
    const log = job.createLog('stdout')
    log.end(
      `\u001b[31mred\u001b[0m \u001b]0;title\u0007${script}${bidi}\n50 %\r100 %\r\n\u009b31m\n${'x'.repeat(500_000)}\nlast line\n`,
    )
    await once(log, 'finish')
    const page = await open(`/ui/queues/thumbs/jobs/${id}`)
    await expect.poll(() => page.locator('pre.log').innerText()).toContain('last line')
    const printed = await page.locator('pre.log').innerText()
    expect(printed).not.toContain('50 %')
    expect(printed.length).toBeLessThan(10_000)
    await job.fail(Object.assign(new Error(`${script}${bidi}`), { name: script, code: script }), {
      [`a ${script}`]: { filename: named, contentType: `text/html${bidi}`, body: script },
    })
    await page.getByRole('heading', { name: 'Assets' }).waitFor()
    const text = await page.locator('main').innerText()
    expect(text.split('document.title').length).toBeGreaterThan(8)
    expect(text).toContain('\\u202egpj.exe\\u2066')
    // No control character is left of those that turn text around or move a cursor.
    expect(await page.content()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]|[^\P{Cc}\n\t]/u)
    expect(await page.evaluate('document.querySelectorAll("main script, main img[src=x]").length')).toBe(0)
    expect(await isOwned(page)).toBe(false)
    const file = await page
      .getByRole('link', { name: /^<script>/ })
      .last()
      .getAttribute('href')
    const answer = await fetch(new URL(file ?? '', url))
    expect([answer.status, await answer.text()]).toEqual([200, script])
  })

  test.each([
    ['text/html', `<h1>mine</h1>${script}<form action="/login"><button>go</button></form>`],
    [
      'image/svg+xml',
      `<svg xmlns="http://www.w3.org/2000/svg" onload="document.title='owned'"><script>document.title='owned'</script></svg>`,
    ],
    [
      'application/xhtml+xml',
      `<html xmlns="http://www.w3.org/1999/xhtml"><body><script>document.title='owned'</script></body></html>`,
    ],
    ['text/xml', `<x:script xmlns:x="http://www.w3.org/1999/xhtml">document.title='owned'</x:script>`],
    ['text/plain', script],
    ['image/png', script],
    ['text/javascript', `document.title = 'owned'`],
    ['no type', script],
  ])('does not run when it is opened, neither as a file nor to be looked at: %s', async (contentType, body) => {
    const { queue, url, open } = await setup()
    const thumbs = queue('thumbs')
    const { id } = await thumbs.submit({ filename: 'a', contentType, body })
    await (await nextOf(thumbs)).complete({ key: 'sub/it', contentType, body })
    const job = `/v1/queues/thumbs/jobs/${id}`
    const expected = /Refused|Content Security Policy|sandboxed|Blocked script|violates|frame/
    const page = await open(`/ui/queues/thumbs/jobs/${id}`, { expected })
    for (const path of [`${job}/assets/sub%2Fit`, `${job}/input`])
      for (const query of ['', '?disposition=inline']) {
        const tab = await page.context().newPage()
        const answer = await fetch(url + path + query)
        expect(await answer.text()).toBe(body)
        expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff')
        expect(answer.headers.get('Content-Security-Policy')).toContain("default-src 'none'")
        // A download is no page; what is shown has an origin that is nobody's, or runs nothing.
        await tab.goto(url + path + query).catch(() => {})
        await tab.waitForTimeout(100)
        expect(await isOwned(tab)).toBe(false)
        await tab.close()
      }
    expect(await isOwned(page)).toBe(false)
  })

  test('is not run as a script of ours either: the policy lets nothing inline and nothing of others run', async () => {
    const { queue, open } = await setup()
    await queue('thumbs').ready()
    const page = await open('/ui/queues/thumbs', { expected: /Content Security Policy/ })
    const violated = await page.evaluate(`new Promise((resolve) => {
      addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective))
      const script = document.createElement('script')
      script.textContent = "document.title = 'owned'"
      document.body.append(script)
    })`)
    expect(violated).toBe('script-src-elem')
    expect(await isOwned(page)).toBe(false)
  })

  test('leads from no page to another site, and none may frame ours', async () => {
    const { queue, url } = await setup()
    await queue('thumbs').ready()
    for (const path of ['/', '/ui/queues/thumbs', '/ui/queues/thumbs/runs', '/ui/queues/none', '/ui/nothing']) {
      const { headers } = await fetch(url + path, { headers: { Accept: 'text/html' } })
      const policy = headers.get('Content-Security-Policy')
      for (const part of ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'self'"])
        expect(policy, path).toContain(part)
      expect(policy).not.toContain('unsafe')
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
      expect(headers.get('Referrer-Policy')).toBe('same-origin')
      expect(headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin')
      expect(headers.get('Cross-Origin-Resource-Policy')).toBe('same-origin')
      expect(headers.get('Cache-Control')).toBe('no-store')
    }
  })

  test('is not taken from the forms of another site', async () => {
    const { queue, url } = await setup()
    const thumbs = queue('thumbs')
    const { id } = await thumbs.submit({ n: 1 })
    const cancel = `${url}/ui/queues/thumbs/jobs/${id}/cancel`
    for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'http://evil.example' }, { Origin: 'null' }])
      expect((await fetch(cancel, { method: 'POST', headers, redirect: 'manual' })).status).toBe(403)
    expect(await thumbs.status(id)).toBe('pending')
  })
})
