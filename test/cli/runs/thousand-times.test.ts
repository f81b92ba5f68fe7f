import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { snippetsOf } from '../../fresh-project.ts'
import { ended } from '../command.ts'
import { tidy, world } from '../world.ts'

const snippets = await snippetsOf('docs/how-to/run-a-program-a-thousand-times.md')

function snippetWith(text: string): string {
  const found = snippets.find(({ language, code }) => language === 'sh' && code.includes(text))
  if (!found) throw new Error(`The guide has ${text} no more`)
  return found.code.trim()
}

test.skipIf(process.platform === 'win32')(
  'the commands of the guide, in their order, with ten indexes in place of a thousand',
  { timeout: 120_000 },
  async () => {
    const shell = await world('jobrun guide')
    await shell.files({ 'server.sh': '#!/bin/sh\nexec sleep 60\n' })
    await chmod(join(shell.folder, 'server.sh'), 0o755)
    const submit = snippetWith('--array-size 1000')
      .replace('--array-size 1000', '--array-size 10 --retrylimit 0')
      // One of them fails, as long as its cause is not mended.
      .replace("'echo", "'[ -e mended ] || [ $JOB_INDEX != 3 ] && echo")
    const work = snippetWith('--concurrency 8')
    const [only, executors] = snippetWith('--only render').split('\n')
    const script = `${tidy}${submit}
      ${work} -q 2> /dev/null &
      until remotejob jobrun get -n squares -o jsonpath='{.status}' | grep -q failed; do sleep 0.2; done
      ${snippetWith('jobrun get --local --name squares')} | grep ContainerExitedCode1
      ${snippetWith('failed_indices')}
      touch mended
      ${snippetWith('--failed --wait')} | grep ^Succeeded
      remotejob jobrun logs -n squares-again
      ${snippetWith('--mode daemon').replace('delete --name server', 'delete --name server --force')}
      timeout --preserve-status -s INT 5 ${only}
      timeout --preserve-status -s INT 5 ${executors}
      echo the end`
    const { code, stdout, stderr } = await ended(shell.bash(script))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^squares\n/)
    expect(stdout).toMatch(/^squares-3-0 .* ContainerExitedCode1$/m)
    expect(stdout).toMatch(/^3\n/m)
    expect(stdout).toMatch(/^squares-9-0\/squares:\n81$/m)
    expect(stdout).toMatch(/^Warning +failed .*squares-3-0/m)
    expect(stdout).toMatch(/^Succeeded +3\nsquares-again-3-0\/squares:\n9$/m)
    expect(stdout).toMatch(/\nserver\n.*the end\n$/s)
  },
)
