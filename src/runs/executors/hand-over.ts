import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Program } from './executor.ts'

/** How an engine is told a program's variables. */
export interface Handed extends AsyncDisposable {
  /** Options for `run`, with names and without values. */
  readonly words: readonly string[]
  /** For the engine's own environment. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Names that the engine, its runtime or the dynamic linker heeds itself: with these a definition would rule a program of this machine
 * that is in no container.
 */
const heeded = new RegExp(
  `^(?:${[
    // The dynamic linker, libc and Go.
    'LD_.*|DYLD_.*|GLIBC.*|GCONV.*|MALLOC_.*|LOCPATH|NLSPATH|HOSTALIASES|RES_OPTIONS|LOCALDOMAIN',
    'GO(?:DEBUG|GC|TRACEBACK|MAXPROCS|MEMLIMIT|COVERDIR|ROOT|PATH|RACE)|SSL_CERT_.*|\\w*_PROXY',
    // Engines, and what they start.
    '_?(?:CONTAINERS?|PODMAN|DOCKER|BUILDAH|LIBPOD|OCI|CRUN|RUNC|CRIU|CONMON|CNI|NETAVARK|FUSE_OVERLAYFS)_.*',
    'STORAGE_(?:DRIVER|OPTS|CONF)|REGISTRY_AUTH_FILE|SSH_(?:AUTH_SOCK|ASKPASS)|GNUPGHOME',
    // Sessions, systemd, and shells, which engines may be started by.
    'XDG_.*|DBUS_.*|LISTEN_(?:FDS|PID|FDNAMES)|NOTIFY_SOCKET|BASH_(?:ENV|FUNC).*|SHELLOPTS|BASHOPTS|ENV|IFS|PS4',
    'PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TMP|TEMP|PWD|OLDPWD',
  ].join('|')})$`,
  'i',
)
/** What every engine's reader of such files takes as it is: no quotes, comments, escapes, line breaks, nor spaces at an end. */
const plain = /^(?:[\w./:@%+,=~^-](?:[\w ./:@%+,=~^-]*[\w./:@%+,=~^-])?)?$/

/**
 * Hands variables over to an engine: in its environment, from which it takes those whose names it is told; those that it would heed
 * itself in a file that only this user can read, since their values are nobody else's concern.
 * @throws Error for a value that cannot be handed over; it names the variable alone
 */
export async function handOver({ environment, folder }: Program): Promise<Handed> {
  const entries = Object.entries(environment)
  const filed = entries.filter(([name]) => heeded.test(name))
  const flawed = filed.find(([, value]) => !plain.test(value) || value.length > 32_000)
  if (flawed)
    throw new Error(
      `The variable ${flawed[0]} means something to the container engine, too, and can be handed to a container only with a value of letters, digits, blanks and ./:@%+,=~^-_`,
    )
  const passed = entries.filter(([name]) => !heeded.test(name))
  const file = join(folder, '.environment')
  const lines = filed.map(([name, value]) => `${name}=${value}\n`).join('')
  if (lines !== '') await writeFile(file, lines, { mode: 0o600, flag: 'wx' })
  return {
    words: [...(lines === '' ? [] : ['--env-file', file]), ...passed.flatMap(([name]) => ['--env', name])],
    environment: Object.fromEntries(passed),
    [Symbol.asyncDispose]: () => rm(file, { force: true }),
  }
}
