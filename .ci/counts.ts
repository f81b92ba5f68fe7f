/**
 * Counts the tests of vitest's JSON reports, one report for each version of Node: a test passed if it failed in none of them.
 * A report that is missing or empty is a failure, and so is a file whose tests could not be collected. What failed is told last, where
 * the end of a log shows it, and so is what passed on a later try only.
 */
import { existsSync, readFileSync } from 'node:fs'

type Verdict = 'failed' | 'passed' | 'skipped'

/** What is read here of a report. */
interface Report {
  readonly success: boolean
  readonly testResults: readonly TestFile[]
}

interface TestFile {
  readonly name: string
  readonly status: string
  readonly message?: string
  readonly assertionResults: readonly Test[]
}

interface Test {
  readonly fullName: string
  readonly status: string
  readonly failureMessages: readonly string[]
}

const overall = new Map<string, Verdict>()
const failures: string[] = []
for (const path of process.argv.slice(2)) {
  const verdicts = verdictsOf(path)
  failures.push(...failuresOf(path))
  console.log(`${path}: ${summary(verdicts)}`)
  for (const [test, verdict] of verdicts) overall.set(test, worse(overall.get(test), verdict))
}
for (const failure of failures) console.log(`\n${failure}`)
console.log(summary(overall))
const verdicts = [...overall.values()]
process.exitCode = verdicts.includes('failed') || !verdicts.includes('passed') ? 1 : 0

function verdictsOf(path: string): Map<string, Verdict> {
  if (!existsSync(path)) return new Map([[path, 'failed']])
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report
  const verdicts = new Map(report.testResults.flatMap(verdictsIn))
  // An error outside of every test (an unhandled rejection, say) fails the run as well.
  const silent = !report.success && ![...verdicts.values()].includes('failed')
  return verdicts.size === 0 || silent ? verdicts.set(path, 'failed') : verdicts
}

function failuresOf(path: string): string[] {
  if (!existsSync(path)) return [`${path} is missing`]
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => [
    ...(status === 'failed' && message ? [`${path}: ${name}\n${head(message)}`] : []),
    ...assertionResults
      .filter(({ failureMessages }) => failureMessages.length > 0)
      .map((test) => {
        const verdict = test.status === 'passed' ? 'passed on a later try' : 'failed'
        return `${path}: ${verdict}: ${name}: ${test.fullName}\n${test.failureMessages.map(head).join('\n')}`
      }),
  ])
}

function head(message: string): string {
  return message.split('\n').slice(0, 6).join('\n').slice(0, 1000)
}

function verdictsIn({ name, status, assertionResults }: TestFile): [string, Verdict][] {
  // The place in the file tells tests of the same name apart.
  const verdicts = assertionResults.map((test, index): [string, Verdict] => [
    `${name} ${index} ${test.fullName}`,
    verdictOf(test.status),
  ])
  const explained = status !== 'failed' || verdicts.some(([, verdict]) => verdict === 'failed')
  return explained ? verdicts : [...verdicts, [name, 'failed']]
}

function verdictOf(status: string): Verdict {
  return status === 'passed' || status === 'failed' ? status : 'skipped'
}

function worse(one: Verdict | undefined, other: Verdict): Verdict {
  if (one === 'failed' || other === 'failed') return 'failed'
  return one === 'passed' || other === 'passed' ? 'passed' : 'skipped'
}

function summary(tests: ReadonlyMap<string, Verdict>): string {
  const count = (verdict: Verdict) => [...tests.values()].filter((found) => found === verdict).length
  const skipped = count('skipped')
  return `${count('passed')} passed, ${count('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
