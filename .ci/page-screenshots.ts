/**
 * Makes the pictures of the page from a real gateway with real jobs: the second half of `npm run screenshots`. They go to docs/images,
 * or to the folder that is named.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import sharp from 'sharp'
import { serve } from '../src/gateway.ts'
import { localBackend } from '../src/local.ts'
import { openChromium } from './chromium.ts'
import { makePageScene } from './page-scene.ts'

const images = process.argv[2] ?? join(import.meta.dirname, '../docs/images')

/** A page, and how it is looked at. */
interface Shot {
  readonly name: string
  readonly path: string
  readonly look: BrowserContextOptions
}

await using ends = new AsyncDisposableStack()
const directory = await mkdtemp(join(tmpdir(), 'remotejob-screenshots-'))
ends.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }))
const scene = await makePageScene(directory, ends)
ends.defer(() => scene.goOn())
const front = ends.use(await serve({ backend: localBackend({ directory, fsync: false }), port: 0 }))
const browser = ends.use(await openChromium())
const high = (height: number) => ({ viewport: { width: 1040, height } })
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
const shots: readonly Shot[] = [
  { name: 'page-run', path: `/ui/queues/frames/runs/${scene.runName}`, look: { ...high(740), colorScheme: 'dark' } },
  { name: 'page-queues', path: '/', look: high(560) },
  { name: 'page-jobs', path: '/ui/queues/thumbs', look: high(1010) },
  { name: 'page-job', path: `/ui/queues/thumbs/jobs/${scene.completedId}`, look: high(1340) },
  { name: 'page-phone', path: '/ui/queues/thumbs', look: phone },
]
for (const shot of shots) await shoot(browser, shot)

/** Images are loaded when they come into sight. */
async function imagesAreThere(page: Page): Promise<void> {
  for (const image of await page.locator('main img').all()) await image.scrollIntoViewIfNeeded()
  await page.evaluate('Promise.all([...document.images].map((image) => image.decode()))')
}

async function shoot(browser: Browser, { name, path, look }: Shot): Promise<void> {
  const context = await browser.newContext({ deviceScaleFactor: 1.5, locale: 'en', ...look })
  const page = await context.newPage()
  await page.goto(front.url + path, { waitUntil: 'load' })
  await imagesAreThere(page)
  // What moves is followed by then.
  if ((await page.locator('#connection').count()) > 0) await page.locator('#connection.open').waitFor()
  await page.evaluate('scrollTo(0, 0)')
  const picture = await page.screenshot()
  const small = await sharp(picture).png({ palette: true, effort: 10, dither: 0.5 }).toBuffer()
  await writeFile(join(images, `${name}.png`), small)
  await context.close()
}
