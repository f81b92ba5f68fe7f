import { describe, expect, test } from 'vitest'
import { definitionFrom } from '../../../src/runs/definition/merge.ts'
import { codeEngineJob, slimFaasConfiguration, slimFaasOverrides } from '../../../src/runs/vocabularies/from-json.ts'
import { snippetsOf } from '../../fresh-project.ts'

/** The JSON of a document, in order. */
async function jsonOf(document: string): Promise<readonly unknown[]> {
  const snippets = await snippetsOf(document)
  return snippets.filter(({ language }) => language === 'json').map(({ code }): unknown => JSON.parse(code))
}

describe('what the documents show', () => {
  test('of Code Engine is a job, and all that it shows counts', async () => {
    const [shown] = await jsonOf('docs/reference/job-files.md')
    expect(codeEngineJob(shown)).toEqual(
      definitionFrom({
        name: 'sum',
        image: 'icr.io/codeengine/helloworld',
        command: ['./sum.sh'],
        arguments: ['--verbose'],
        environment: [
          { kind: 'literal', name: 'LEVEL', value: 'info' },
          { kind: 'all', from: 'config map', reference: 'settings', prefix: 'SETTING_' },
          { kind: 'key', from: 'secret', reference: 'database', key: 'password', name: 'PASSWORD' },
        ],
        mounts: [{ directory: '/run/database', from: 'secret', name: 'database' }],
        arrayIndexes: '0-9',
        parallelism: 4,
      }),
    )
  })

  test('of SlimFaas is a configuration', async () => {
    const [, shown] = await jsonOf('docs/reference/job-files.md')
    const [native] = await jsonOf('docs/how-to/move-from-slimfaas.md')
    expect(slimFaasConfiguration(shown).definitions).toMatchObject([
      { name: 'fibonacci', image: 'axaguildev/fibonacci-batch:latest', cpu: 0.4, parallelism: 2, retryLimit: 1 },
    ])
    const [definition] = slimFaasConfiguration(native).definitions
    expect(definition).toMatchObject({ command: ['node', 'fibonacci.js'], parallelism: 2 })
    if (!definition) throw new Error('There is none')
    expect(slimFaasOverrides(definition, { Args: ['10'] }).overrides.arguments).toEqual(['10'])
  })
})
