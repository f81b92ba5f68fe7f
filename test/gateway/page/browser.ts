import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest'
import type { Backend } from '../../../src/backend.ts'
import { type GatewayOptions, serve } from '../../../src/gateway.ts'
import { Queue } from '../../../src/index.ts'
import { localBackend } from '../../../src/local.ts'

const path = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const isThere = spawnSync(path, ['--version']).status === 0

/** A `describe` that needs a browser. Where there is none its name says so. */
export function describeInBrowser(name: string, tests: () => void): void {
  describe.skipIf(!isThere)(isThere ? name : `${name} (skipped: there is no Chromium at ${path})`, tests)
}

/** A gateway on a port of its own, with jobs in a folder of its own. */
export interface Scene {
  readonly url: string
  readonly backend: Backend
  queue(name: string): Queue
  /** What the gateway reported. */
  readonly reports: readonly unknown[]
  /** Opens a page of it. What goes wrong in any page fails the test, unless it was to be expected. */
  open(path: string, options?: BrowserContextOptions & { readonly expected?: RegExp }): Promise<Page>
}

/**
 * Starts Chromium once for the tests of a `describe`, and a gateway for each call of `setup`.
 * @param keepsPages whether it keeps pages for the way back as they are, as it does for people and Playwright does not let it
 */
export function useBrowser({ keepsPages = false } = {}): { setup(options?: GatewayOptions): Promise<Scene> } {
  let browser: Browser | undefined
  const ends: (() => Promise<unknown>)[] = []
  const wrong: string[] = []
  beforeAll(async () => {
    const args = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
    ]
    browser = await chromium.launch({
      executablePath: path,
      args,
      ignoreDefaultArgs: keepsPages ? ['--disable-back-forward-cache'] : [],
      timeout: 60_000,
    })
  }, 60_000)
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end()
    expect(wrong.splice(0)).toEqual([])
  })
  afterAll(() => browser?.close())

  return {
    async setup(options = {}) {
      const directory = await mkdtemp(join(tmpdir(), 'remotejob-page-'))
      const backend = localBackend({ directory, fsync: false })
      ends.push(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }))
      const reports: unknown[] = []
      const { url, close } = await serve({ backend, port: 0, onError: (error) => reports.push(error), ...options })
      ends.push(() => close())
      return {
        url,
        backend,
        reports,
        queue(name) {
          const queue = new Queue(name, { backend })
          ends.push(() => queue.close())
          return queue
        },
        async open(where, { expected, ...how } = {}) {
          if (!browser) throw new Error('open is for tests, not for describe')
          const context = await browser.newContext(how)
          ends.push(() => context.close())
          const page = await context.newPage()
          context.on('page', (other) => watch(other, wrong, expected))
          watch(page, wrong, expected)
          await page.goto(url + where)
          return page
        },
      }
    },
  }
}

/** Violations of the policy are told on the console too. */
function watch(page: Page, wrong: string[], expected: RegExp | undefined): void {
  page.on('pageerror', (error) => wrong.push(String(error)))
  page.on('console', (message) => {
    const text = message.text()
    if (message.type() === 'error' && expected?.test(text) !== true) wrong.push(`${page.url()}: ${text}`)
  })
}
