import { randomBytes } from 'node:crypto'
import type { Cancellable } from '../../backend.ts'
import { RemoteJobError } from '../../errors.ts'
import { forEachOf } from '../../for-each-of.ts'
import { readBytes } from '../../lifecycle/download.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../../protocol/json.ts'

/** What a change may be told. */
export interface ChangeOptions extends Cancellable {
  /** Changes that version only, and rejects with `CONFLICT` when there is a later one. @default the one that is there */
  readonly version?: number | undefined
}

/** Something that has a name, as a list has it. */
export interface Named {
  readonly name: string
  /** From 1 on, one more with each change; it goes on after a deletion. */
  readonly version: number
  readonly updatedAt: Date
}

/** The same, with when its first version was made since there was none. */
export interface Dated extends Named {
  readonly createdAt: Date
}

/** The same with what it holds. */
export interface Versioned<Content> extends Dated {
  readonly content: Content
}

/** What is kept under names: where, as what, and how it is read. */
export interface Kind<Content> {
  /** Ends in `/`. */
  readonly folder: string
  /** For messages: `job`, `config map`, `secret`. */
  readonly noun: string
  /** @throws RemoteJobError `INVALID_ARGUMENT` */
  readonly checkName: (name: unknown) => asserts name is string
  readonly toJson: (content: Content) => JsonValue
  /** `undefined` for what a newer version wrote. */
  readonly fromJson: (json: unknown) => Content | undefined
}

interface StoredVersion extends Named {
  readonly key: string
  readonly size: number
}

/** So many past versions keep their names, so that whoever is that late finds the name taken. */
const trail = 20
const maxTries = 20

/**
 * Contents under names, which change and are never lost to a change made at the same time. Every version is an object of its own,
 * `<folder><name>/<version>`, put if absent, since that is the one conditional write that all stores have: the highest counts, and an
 * empty one says that there is nothing any more. Past versions are emptied, so that a secret that was replaced is gone.
 */
export class VersionedContents<Content> {
  readonly #open: () => Promise<Workspace>
  readonly #kind: Kind<Content>

  constructor(open: () => Promise<Workspace>, kind: Kind<Content>) {
    this.#open = open
    this.#kind = kind
  }

  /** @throws RemoteJobError `ID_IN_USE` for a name that is taken */
  async create(name: string, content: Content, options: Cancellable = {}): Promise<Versioned<Content>> {
    const w = await this.#open()
    const last = await this.#last(w, name, options)
    const version = (last?.version ?? 0) + 1
    const isFree = last === undefined || last.size === 0
    const createdAt = new Date()
    if (isFree && (await this.#write(w, { name, version, createdAt }, content)))
      return { name, version, content, createdAt, updatedAt: createdAt }
    throw new RemoteJobError('ID_IN_USE', `There is a ${this.#kind.noun} "${name}" already: update or delete it`)
  }

  /**
   * Replaces the content by what `change` makes of it. When another change comes between, it is made of that one's outcome.
   * @throws RemoteJobError `NOT_FOUND`, `CONFLICT` when `version` is not the one that is there
   */
  async change(
    name: string,
    change: (content: Content) => Content,
    { version: wanted, signal }: ChangeOptions = {},
  ): Promise<Versioned<Content>> {
    const w = await this.#open()
    for (let tries = 0; tries < maxTries; tries += 1) {
      const found = await this.get(name, { signal })
      if (!found) throw this.missing(name)
      if (wanted !== undefined && wanted !== found.version) throw this.#conflict(name, wanted)
      const version = found.version + 1
      const { createdAt } = found
      const content = change(found.content)
      if (await this.#write(w, { name, version, createdAt }, content))
        return { name, version, content, createdAt, updatedAt: new Date() }
    }
    throw this.#conflict(name, wanted)
  }

  /** What has that name, or `undefined`. */
  async get(name: string, options: Cancellable = {}): Promise<Versioned<Content> | undefined> {
    const w = await this.#open()
    for (let tries = 0; tries < maxTries; tries += 1) {
      const last = await this.#last(w, name, options)
      if (!last || last.size === 0) return undefined
      const bytes = await readBytes(w.objects, last.key, options)
      // Emptied meanwhile: there is a later one.
      if (!bytes || bytes.byteLength === 0) continue
      return this.#parse(last, bytes)
    }
    throw this.#conflict(name, undefined)
  }

  /** Whether there is something of that name; it takes no right to read it. */
  async has(name: string, options: Cancellable = {}): Promise<boolean> {
    const last = await this.#last(await this.#open(), name, options)
    return last !== undefined && last.size > 0
  }

  /** Everything there is, in the order of the names. */
  async list(options: Cancellable = {}): Promise<readonly Named[]> {
    const all = await this.#all(await this.#open(), options)
    return all.map(({ name, version, updatedAt }) => ({ name, version, updatedAt }))
  }

  /** The same with what it holds: a request for each beside the list. */
  async read(options: Cancellable = {}): Promise<readonly Versioned<Content>[]> {
    const w = await this.#open()
    const found = await forEachOf(await this.#all(w, options), 20, async (one) => {
      const bytes = await readBytes(w.objects, one.key, options)
      // Emptied meanwhile: there is a later one.
      return !bytes || bytes.byteLength === 0 ? this.get(one.name, options) : this.#parse(one, bytes)
    })
    return found.filter((one) => one !== undefined)
  }

  async #all(w: Workspace, options: Cancellable): Promise<readonly StoredVersion[]> {
    const last = new Map<string, StoredVersion>()
    for await (const one of this.#below(w, '', options)) last.set(one.name, one)
    return [...last.values()].filter(({ size }) => size > 0).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** False when there was nothing of that name. What a deletion left that was cut off half-way goes all the same. */
  async delete(name: string, options: Cancellable = {}): Promise<boolean> {
    const w = await this.#open()
    for (let tries = 0; tries < maxTries; tries += 1) {
      const last = await this.#last(w, name, options)
      if (!last) return false
      if (last.size === 0) {
        await this.#tidy(w, name, last)
        // Taken away by another meanwhile, or by ourselves where the answer got lost.
        return tries > 0
      }
      if (await this.#write(w, { name, version: last.version + 1, createdAt: new Date() })) return true
    }
    throw this.#conflict(name, undefined)
  }

  /** The error for a name that nothing has, or nothing with that key. */
  missing(name: string, key?: string): RemoteJobError {
    const what = `${this.#kind.noun} "${name}"${key === undefined ? '' : ` with the key "${key}"`}`
    return new RemoteJobError('NOT_FOUND', `There is no ${what}: check the name, or create it`)
  }

  #conflict(name: string, version: number | undefined): RemoteJobError {
    const what = `The ${this.#kind.noun} "${name}" was changed meanwhile`
    const which = version === undefined ? '' : `, and is not at version ${version} any more`
    return new RemoteJobError('CONFLICT', `${what}${which}: read it again, and decide anew`)
  }

  /** Writes a version, an empty one without content; false when another has it. */
  async #write(
    w: Workspace,
    { name, version, createdAt }: Omit<Dated, 'updatedAt'>,
    ...content: readonly Content[]
  ): Promise<boolean> {
    const { folder, toJson } = this.#kind
    const key = `${folder}${name}/${String(version).padStart(9, '0')}`
    const nonce = randomBytes(8).toString('hex')
    const [json] = content.map((one): JsonObject => ({ v: 1, nonce, createdAt: createdAt.getTime(), is: toJson(one) }))
    const body = Buffer.from(json ? JSON.stringify(json) : '')
    const written = await w.objects.putIfAbsent(key, body, { contentType: 'application/json' })
    // A lost answer makes the store's own second try find the first. What is empty may be anybody's.
    if (!written && (!json || (await readBytes(w.objects, key))?.equals(body) !== true)) return false
    return this.#tidy(w, name, { key, version })
  }

  /** Empties what the newest version stands for; false when ours came so late that its number may have been used before. */
  async #tidy(w: Workspace, name: string, ours: Pick<StoredVersion, 'key' | 'version'>): Promise<boolean> {
    const versions = await Array.fromAsync(this.#below(w, `${name}/`, {}))
    const newest = versions.at(-1)?.version ?? ours.version
    if (newest - ours.version >= trail) {
      await w.objects.delete(ours.key)
      return false
    }
    for (const { key, version, size } of versions) {
      if (newest - version >= trail) await w.objects.delete(key)
      else if (version < newest && size > 0) await w.objects.put(key, Buffer.alloc(0))
    }
    return true
  }

  async #last(w: Workspace, name: string, options: Cancellable): Promise<StoredVersion | undefined> {
    this.#kind.checkName(name)
    return (await Array.fromAsync(this.#below(w, `${name}/`, options))).at(-1)
  }

  /** All versions below a prefix, in the order of names and versions. */
  async *#below(w: Workspace, prefix: string, { signal }: Cancellable): AsyncGenerator<StoredVersion> {
    const { folder } = this.#kind
    for (let after: string | undefined, more = true; more;) {
      const page = await w.objects.list(folder + prefix, { after, signal })
      for (const { key, size, lastModified: updatedAt } of page.objects) {
        const [name = '', digits = ''] = key.slice(folder.length).split('/')
        if (/^\d{9}$/.test(digits)) yield { name, key, size, updatedAt, version: Number(digits) }
      }
      after = page.objects.at(-1)?.key
      more = page.more && after !== undefined
    }
  }

  #parse({ name, version, updatedAt }: Named, bytes: Buffer): Versioned<Content> {
    const json = parseJson(bytes.toString())
    const kept = isJsonObject(json) && json['v'] === 1 ? json : undefined
    const content = kept && this.#kind.fromJson(kept['is'])
    const created = kept?.['createdAt']
    const createdAt = typeof created === 'number' ? new Date(created) : updatedAt
    if (content !== undefined) return { name, version, updatedAt, createdAt, content }
    const what = `The ${this.#kind.noun} "${name}" was written by a newer version of remotejob`
    throw new RemoteJobError('UNSUPPORTED', `${what}: update this one`)
  }
}
