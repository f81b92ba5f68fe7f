import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import type { Body } from '../../../src/body.ts'
import { nextOf } from '../../queue/setup.ts'
import { describeInBrowser, type Scene, useBrowser } from './browser.ts'
import { pdfOf, wavOfTone, webmFrom } from './media.ts'

const photo = await readFile('examples/thumbnails/photos/camera.png')
const red = await sharp({ create: { width: 2, height: 2, channels: 3, background: '#f00' } })
  .png()
  .toBuffer()
/** Green by its own style, with a picture of its own on the right. */
const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><style>rect { fill: #0f0 }</style>
  <rect width="40" height="20"/><image x="20" width="20" height="20" href="data:image/png;base64,${red.toString('base64')}"/></svg>`

/** A job that handed these files back: its path on the page, and that of its files. */
async function handBack({ queue }: Scene, assets: Readonly<Record<string, Body>>) {
  const thumbs = queue('thumbs')
  const { id } = await thumbs.submit({ n: 1 })
  await (await nextOf(thumbs)).complete(assets)
  return { path: `/ui/queues/thumbs/jobs/${id}`, files: `/v1/queues/thumbs/jobs/${id}/assets` }
}

/** The colour of a point of what can be seen. */
async function colourAt(page: Page, x: number, y: number): Promise<readonly number[]> {
  const { data } = await sharp(await page.screenshot())
    .extract({ left: Math.round(x), top: Math.round(y), width: 1, height: 1 })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return [...data.subarray(0, 3)]
}

const green = [0, 255, 0]

describeInBrowser('a file of a job', () => {
  const { setup } = useBrowser()

  test('is shown as an image, whatever its format', async () => {
    const scene = await setup()
    const picture = sharp(photo).resize(40, 20)
    const { path } = await handBack(scene, {
      'a.png': await picture.clone().png().toBuffer(),
      'b.jpg': await picture.clone().jpeg().toBuffer(),
      'c.webp': await picture.clone().webp().toBuffer(),
      'd.gif': await picture.clone().gif().toBuffer(),
      'e.avif': await picture.clone().avif().toBuffer(),
      'f.svg': drawing,
    })
    const page = await scene.open(path)
    for (const image of await page.getByRole('img').all()) await image.scrollIntoViewIfNeeded()
    await expect
      .poll(() => page.evaluate('[...document.images].map(({ naturalWidth }) => naturalWidth)'))
      .toEqual([40, 40, 40, 40, 40, 40])
    const box = await page.getByRole('img', { name: 'f.svg' }).boundingBox()
    expect(await colourAt(page, (box?.x ?? 0) + 10, (box?.y ?? 0) + 10)).toEqual(green)
  })

  test('is shown as it is when it is opened: an image, also a drawing with a style and a picture in it', async () => {
    const scene = await setup()
    const { path, files } = await handBack(scene, { 'a.png': photo, 'b.svg': drawing })
    const page = await scene.open(path)
    await page.getByRole('img', { name: 'b.svg' }).click()
    await page.waitForURL(/b\.svg/)
    await expect.poll(() => colourAt(page, 10, 10)).toEqual(green)
    expect(await colourAt(page, 30, 10)).toEqual([255, 0, 0])
    await page.goto(`${scene.url}${files}/a.png?disposition=inline`)
    expect(await page.evaluate('document.images[0].naturalWidth')).toBe(512)
  })

  test('is played as a video, in the page and when it is opened, and can be wound', async () => {
    const scene = await setup()
    const { path, files } = await handBack(scene, { 'a.webm': await webmFrom(await scene.open('/')) })
    const page = await scene.open(path)
    for (const where of ['in the page', 'opened']) {
      await expect.poll(() => page.evaluate('document.querySelector("video")?.videoWidth'), { message: where }).toBe(64)
      expect(
        await page.evaluate(`new Promise((resolve) => {
          const video = document.querySelector('video')
          video.addEventListener('seeked', () => resolve(video.currentTime), { once: true })
          video.currentTime = 0.3
        })`),
      ).toBeGreaterThanOrEqual(0.3)
      await page.goto(`${scene.url}${files}/a.webm?disposition=inline`)
    }
  })

  test('is played as sound', async () => {
    const scene = await setup()
    const { path } = await handBack(scene, { 'a.wav': wavOfTone() })
    const page = await scene.open(path)
    await expect.poll(() => page.evaluate('document.querySelector("audio").duration')).toBe(1)
  })

  test('is opened as a PDF by the viewer that the browser has', async () => {
    const scene = await setup()
    const { path } = await handBack(scene, { 'a.pdf': pdfOf('Hello') })
    const page = await scene.open(path)
    expect(await page.evaluate('navigator.pdfViewerEnabled')).toBe(true)
    const opening = page.context().waitForEvent('page')
    await page.getByRole('link', { name: 'Open the PDF' }).click()
    const tab = await opening
    // The sheet is white, with black text, on the viewer's dark ground.
    await expect
      .poll(async () => {
        const { data } = await sharp(await tab.screenshot())
          .greyscale()
          .raw()
          .toBuffer({ resolveWithObject: true })
        return data.filter((pixel) => pixel === 255).length
      })
      .toBeGreaterThan(20_000)
  })

  test('can be read as JSON or text', async () => {
    const scene = await setup()
    const { path } = await handBack(scene, {
      'a.json': '{"colours":["grey",{"deep":true}]}',
      'b.geojson': '{"type":"Point"}',
      'c.json': '{"broken":',
      'd.csv': 'a,b\n1,2\n',
      'e.md': '# Grüße 👋',
      'f.yaml': 'a: 1',
      'g.txt': `xx\n${`${'é'.repeat(60)}\n`.repeat(1000)}`,
    })
    const page = await scene.open(path)
    const texts = await page.locator('.files pre').allInnerTexts()
    expect(texts.slice(0, 6)).toEqual([
      '{\n  "colours": [\n    "grey",\n    {\n      "deep": true\n    }\n  ]\n}',
      '{\n  "type": "Point"\n}',
      '{"broken":',
      'a,b\n1,2\n',
      '# Grüße 👋',
      'a: 1',
    ])
    expect(texts[6]).toMatch(/é\n… \(72 kB more\)$/)
    expect(texts[6]).not.toContain('\ufffd')
  })

  test('of which the browser shows nothing is had by a link alone', async () => {
    const scene = await setup()
    const { path } = await handBack(scene, { 'a.bin': 'x', 'b.html': '<h1>Mine</h1>' })
    const page = await scene.open(path)
    const downloading = page.waitForEvent('download')
    await page.getByRole('link', { name: 'a.bin' }).click()
    expect(await readFile(await (await downloading).path(), 'utf8')).toBe('x')
    expect(await page.locator('.files pre').allInnerTexts()).toEqual(['<h1>Mine</h1>'])
    expect(await page.getByRole('heading', { name: 'Mine' }).count()).toBe(0)
  })
})
