import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Asset } from '../../lifecycle/outcome.ts'
import { isKey } from '../../protocol/keys.ts'
import { openLater } from '../../lifecycle/open-later.ts'
import { filesBelow, flawOfKind } from './files-below.ts'

/** What a program left in its output folder. */
export interface Outputs {
  readonly assets: readonly Asset[]
  /** What is no asset, and why. */
  readonly skipped: readonly string[]
}

/** Most files of one job: a result names each of them. */
const maxFiles = 10_000

/**
 * The files below a folder, as assets named by their paths in it. Links, devices and pipes are skipped: a link could lead to any file
 * of the machine, and a pipe never ends.
 */
export async function readOutputs(folder: string): Promise<Outputs> {
  const found = await Array.fromAsync(filesBelow(folder))
  const assets: Asset[] = []
  const shelf = new Shelf()
  const skipped: string[] = []
  for (const one of found.toSorted((first, second) => (first.name < second.name ? -1 : 1))) {
    const { name } = one
    const flaw = flawOfKind(one) ?? flawOf(name, assets.length)
    if (flaw === undefined)
      assets.push({ key: name, filename: basename(name), body: openLater(() => shelf.open(join(folder, name))) })
    else skipped.push(`${JSON.stringify(name)} ${flaw}`)
  }
  return { assets, skipped }
}

/** Files open at once: all assets of a job are read at the same time, and a process has few descriptors. */
const mostOpen = 64

/** Opens files, so many at a time; the others wait until one is closed. */
class Shelf {
  #open = 0
  readonly #waiting: (() => void)[] = []

  /** The file itself: where somebody has put a link in its place meanwhile, it fails. */
  async open(path: string): Promise<Readable> {
    if (this.#open >= mostOpen) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#open += 1
    try {
      const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
      return file.createReadStream().once('close', () => this.#closed())
    } catch (error) {
      this.#closed()
      throw error
    }
  }

  #closed(): void {
    this.#open -= 1
    this.#waiting.shift()?.()
  }
}

function flawOf(name: string, count: number): string | undefined {
  if (!isKey(name) || Buffer.byteLength(name) > 512) return 'has a name that no asset can have'
  return count >= maxFiles ? `is beyond the ${maxFiles} files that a job may hand back` : undefined
}
