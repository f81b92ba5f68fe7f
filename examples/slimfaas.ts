// The configuration of SlimFaas's documentation, and a run of it, without a cluster. node slimfaas.ts
import { Queue } from 'remotejob'
import { Schedules } from 'remotejob/cron'
import { Runs, slimFaasConfiguration, slimFaasOverrides } from 'remotejob/runs'

const program = 'const f = (n) => (n < 2 ? n : f(n - 1) + f(n - 2)); console.log(f(Number(process.argv[1])))'

// What `SlimFaas__JobsConfiguration` holds. With "Image": "axaguildev/fibonacci-batch:latest" in place of `Command`, as the
// documentation has it, a worker runs that image with podman.
const configuration = {
  Configurations: {
    fibonacci: {
      Command: [process.execPath, '--eval', program],
      ImagesWhitelist: [],
      Resources: { Requests: { cpu: '400m', memory: '400Mi' }, Limits: { cpu: '400m', memory: '400Mi' } },
      DependsOn: ['fibonacci1'],
      Environments: [],
      BackoffLimit: 1,
      Visibility: 'Public',
      NumberParallelJob: 2,
      TtlSecondsAfterFinished: 36_000,
      RestartPolicy: 'Never',
    },
  },
  Schedules: { fibonacci: [{ Schedule: '0 0 * * *', Args: ['42'] }] },
}

// What `POST /job/fibonacci` is given: arguments, nothing to wait for, and more processors than it may have.
const body = {
  Args: ['20'],
  DependsOn: [],
  Resources: { Requests: { cpu: '200m', memory: '200Mi' }, Limits: { cpu: '2', memory: '200Mi' } },
  BackoffLimit: 1,
  TtlSecondsAfterFinished: 100,
  RestartPolicy: 'Never',
}

const queue = new Queue('runs')
const runs = new Runs(queue)
const { definitions, schedules } = slimFaasConfiguration(configuration)
for (const definition of definitions) await runs.jobs.create(definition)
for (const { jobName, schedule, overrides } of schedules) {
  const tick = await runs.atEachTick({ ...overrides, job: jobName })
  const { cron } = await new Schedules(queue).create({ name: jobName, cron: schedule, ...tick })
  console.log(`${jobName}: a run at each ${cron}`)
}

// A `Command` is a process, and only a container is held to `Resources`: that is said once.
const worker = runs.work({ onWarning: (warning) => console.log(warning) })
for (const definition of definitions) {
  const { overrides, lowered } = slimFaasOverrides(definition, body)
  console.log(`${definition.name}: not as much as asked for of ${lowered.join(', ')}`)
  const name = await runs.submit({ ...overrides, job: definition.name })
  const { status } = await runs.wait(name)
  for await (const { stream, bytes } of runs.logs(name))
    console.log(`${status}, ${stream}: ${Buffer.from(bytes).toString().trim()}`)
}
await worker.close()
await queue.close()
