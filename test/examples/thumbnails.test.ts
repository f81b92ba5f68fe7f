import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'

const example = resolve('examples/thumbnails')

/** A folder with a copy of the demo's photographs, and the demo run on it in a folder of its own. */
async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'remotejob-demo-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const photos = join(folder, 'photos')
  await cp(join(example, 'photos'), photos, { recursive: true })
  const run = () =>
    new Promise<{ code: unknown; output: string; errors: string }>((done) => {
      execFile(process.execPath, [join(example, 'demo.ts'), photos], { cwd: folder }, (error, output, errors) => {
        done({ code: error ? error.code : 0, output, errors })
      })
    })
  const thumbnails = async () => (await readdir(join(folder, 'demo-output'))).filter((name) => name.endsWith('.png'))
  return { folder, photos, run, thumbnails }
}

test('the demo makes a thumbnail of every photograph in a second process, and prints what each job cost', async () => {
  const { folder, photos, run, thumbnails } = await setup()
  const { code, output, errors } = await run()
  expect({ code, errors }).toEqual({ code: 0, errors: '' })
  expect(output).toMatch(/^photo +job +status +bytes in +bytes out +time\n/)
  expect(output).toContain('7 of 7 thumbnails are in demo-output/')
  for (const name of await thumbnails()) {
    const thumbnail = await readFile(join(folder, 'demo-output', name))
    const { format, width, height } = await sharp(thumbnail).metadata()
    expect({ name, format, longer: Math.max(width, height) }).toEqual({ name, format: 'png', longer: 256 })
    const line = output.split('\n').find((text) => text.startsWith(name.replace('.png', '.')))
    expect(line).toMatch(new RegExp(`completed +[\\d,]+ +${thumbnail.length.toLocaleString('en')} +\\d+ ms$`))
  }
  const names = (await readdir(photos)).filter((name) => !name.endsWith('.md'))
  expect(await thumbnails()).toEqual(names.map((name) => name.replace(/\w+$/, 'png')))
})

test('a broken photograph is a failed job with its reason, and the others come back all the same', async () => {
  const { photos, run, thumbnails } = await setup()
  await writeFile(join(photos, 'broken.jpg'), 'This is no photograph.')
  await truncate(join(photos, 'rocket.jpg'), 50_000)
  const { code, output } = await run()
  expect(code).toBe(1)
  expect(output).toMatch(/^broken\.jpg +\S+ +failed +22 +0 +\d+ ms$/m)
  expect(output).toMatch(/^broken\.jpg: Job "\S+" failed: .*unsupported image format/m)
  expect(output).toMatch(/^rocket\.jpg +\S+ +failed +50,000 +0 +\d+ ms$/m)
  expect(output).toContain('6 of 8 thumbnails are in demo-output/')
  expect(await thumbnails()).toHaveLength(6)
})

test('what an earlier run left is not taken for a new thumbnail', async () => {
  const { photos, run, thumbnails } = await setup()
  for (const name of await readdir(photos)) if (name !== 'chelsea.png') await rm(join(photos, name))
  await run()
  await cp(join(photos, 'chelsea.png'), join(photos, 'cat.png'))
  await rm(join(photos, 'chelsea.png'))
  expect(await run()).toMatchObject({ code: 0 })
  expect(await thumbnails()).toEqual(['cat.png'])
})

test('a demo without photographs has not shown anything, so it fails', async () => {
  const { photos, run } = await setup()
  for (const name of await readdir(photos)) await rm(join(photos, name))
  expect(await run()).toMatchObject({ code: 1, output: expect.stringContaining('0 of 0') })
})
