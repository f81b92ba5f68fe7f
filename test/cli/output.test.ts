import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { type Cli, setup } from './command.ts'

/** Jobs in every state, a dead letter, and what their commands need. */
async function filled(): Promise<Cli> {
  const cli = await setup()
  await cli.files({ a: 'A', b: 'B' })
  const queue = cli.queue('letters')
  await queue.submit({ body: 'in' }, { id: 'done' })
  const job = await queue.next()
  const log = job.createLog('stdout')
  log.write('printed\n')
  log.end()
  await job.complete({ value: { pages: 2 }, assets: [{ key: 'out.txt', body: 'out' }] })
  await queue.submit({}, { id: 'broken', attempts: 1 })
  await (await queue.next()).fail(new Error('out of ink'))
  await queue.submit({}, { id: 'waiting' })
  return cli
}

/** Each command, and what its answer is as a table: heads of columns, or lines. */
const commands: readonly (readonly [words: readonly string[], table: RegExp])[] = [
  [['submit', 'letters', 'a', '--id', 'same'], /^same\n$/],
  [['status', 'letters', 'done', 'waiting'], /^ID +STATUS\ndone +completed\nwaiting +pending\n$/],
  [['result', 'letters', 'done'], /^ID +done\nSTATUS +completed\nATTEMPT +1\n(.*\n)*ASSET +SIZE +TYPE\nout\.txt +3 B /],
  [['cancel', 'letters', 'waiting'], /^ID +CANCELLED\nwaiting +yes\n$/],
  [['retry', 'letters', 'done', '--id', 'again'], /^again\n$/],
  [['list', 'letters'], /^ID +STATUS +SUBMITTED +FINISHED\n(.*\n)*done +completed +2/],
  [['queues'], /^QUEUE +WAITING +DELAYED +IN FLIGHT +DEAD +OLDEST\nletters +1 +0 +0 +0 /],
  [['queues', 'letters'], /^QUEUE +WAITING .*\nletters +1 /],
  [['dead', 'list', 'letters'], /^ID +DELIVERIES +SENT +REASON\n$/],
  [['dead', 'redrive', 'letters', '--all'], /^ID +NEW ID\n$/],
  [['dead', 'reap', 'letters'], /^ID +WHAT BECAME OF IT\n$/],
  [['provision', 'letters', '--dry-run'], /^ACTION +KIND +NAME +DIFFERENCES\nkeep +/],
  [['provision', 'letters'], /^ACTION +KIND +NAME +DIFFERENCES\nkept +/],
  [['provision', 'letters', '--policy', 'worker'], /^\{\n {2}"Version": "2012-10-17",\n/],
  [['teardown', 'letters', '--dry-run'], /^KIND +NAME +COUNT +NOTE\nqueue +letters-completed +1 /],
  [['doctor', 'letters'], /^ok +\w/],
  [['teardown', 'letters', '--yes'], /^KIND +NAME +COUNT +NOTE\nqueue +letters-completed +1 /],
]

test.each(commands)('%j answers in a table, JSON, YAML and by JSONPath, and says the same', async (words, table) => {
  const answers = await Promise.all(
    ['table', 'json', 'yaml', 'jsonpath={$}', 'jsonpath=$'].map(async (format) => {
      const cli = await filled()
      const { code, stdout, stderr } = await cli.run([...words, '-o', format])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      return stdout.replaceAll(cli.folder, '')
    }),
  )
  const [people = '', json = '', yaml = '', path = '', alone = ''] = answers
  expect(people).toMatch(table)
  const data: unknown = JSON.parse(json)
  expect(json.endsWith('\n')).toBe(true)
  for (const same of [parse(yaml), JSON.parse(path), JSON.parse(alone)]) expect(shapeOf(same)).toEqual(shapeOf(data))
})

/** What is equal in two runs: all but times, sizes and ids, of which the kind is. */
function shapeOf(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(shapeOf)
  if (typeof data === 'object' && data !== null)
    return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, shapeOf(value)]))
  return typeof data === 'string' ? data.replaceAll(/\d+/g, '0') : typeof data
}

test('what comes piece by piece is a line of JSON, a document of YAML or a value each', async () => {
  const cli = await filled()
  const log = { attempt: 1, stream: 'stdout', at: expect.any(String), text: 'printed\n' }
  const logs = (...words: string[]) => cli.run(['logs', 'letters', 'done', ...words])
  expect(await logs()).toEqual({ code: 0, stdout: 'printed\n', stderr: '' })
  expect(JSON.parse((await logs('-o', 'json')).stdout)).toEqual(log)
  expect(parse((await logs('-o', 'yaml')).stdout)).toEqual(log)
  expect((await logs('-o', 'jsonpath={.stream} {.attempt}')).stdout).toBe('stdout 1\n')
  const work = async (format: string) => {
    await cli.run(['submit', 'letters', 'a', 'b'])
    return cli.run(['work', 'letters', '--once', '-q', '-o', format, '--', 'true'])
  }
  expect((await work('table')).stdout).toBe('')
  expect((await work('json')).stdout.trim().split('\n').map(eventOf)).toContain('completed')
  expect(parseAllDocuments((await work('yaml')).stdout).map((one) => eventOf(one.toString()))).toContain('completed')
  expect((await work('jsonpath={.event}')).stdout.split('\n')).toContain('completed')
})

function eventOf(text: string): unknown {
  const event: unknown = parse(text)
  return typeof event === 'object' && event !== null && 'event' in event ? event.event : undefined
}

test.each([
  ['jsonpath={.id', 'every "{" needs a "}" behind it'],
  ['jsonpath={range .items[*]}{.id}{end}', 'range is not supported'],
  ['jsonpath=$[', 'cannot be read'],
  ['jsonpath=', 'Expected table, json, yaml, jsonpath=EXPRESSION or jsonpath-as-json=EXPRESSION'],
  ['xml', 'Expected table, json, yaml, jsonpath=EXPRESSION or jsonpath-as-json=EXPRESSION'],
])('--output %s is refused in one line before anything is done', async (format, message) => {
  const cli = await filled()
  const { code, stdout, stderr } = await cli.run(['submit', 'letters', 'a', '--id', 'never', '-o', format])
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(/^error: [^\n]+\n$/) })
  expect(stderr).toContain(message)
  expect(await cli.queue('letters').status('never')).toBeUndefined()
})

test('a path to what is not there is nothing, several values stand with spaces, texts have no quotes', async () => {
  const cli = await filled()
  const found = async (path: string) => (await cli.run(['result', 'letters', 'done', '-o', `jsonpath=${path}`])).stdout
  expect(await found('{.nosuch}')).toBe('')
  expect(await found('{.id} {.value.pages}{"!"}\\n{.assets[*].name}')).toBe('done 2!\nout.txt\n')
  expect(await found('$.value')).toBe('{"pages":2}\n')
})

test('what a path finds comes as a list of JSON where that is asked for', async () => {
  const cli = await filled()
  const found = async (path: string): Promise<unknown> => {
    const { stdout } = await cli.run(['result', 'letters', 'done', '-o', `jsonpath-as-json=${path}`])
    return JSON.parse(stdout)
  }
  expect(await found('{.nosuch}')).toEqual([])
  expect(await found('{.value}{.assets[*].name}')).toEqual([{ pages: 2 }, 'out.txt'])
  expect(await found('$.id')).toEqual(['done'])
  const { code, stderr } = await cli.run(['result', 'letters', 'done', '-o', 'jsonpath-as-json={.id'])
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('every "{" needs a "}" behind it') })
})
