// Works on runs until it is killed.
import { Runs } from 'remotejob/runs'
import { openQueue } from './open.ts'

const worker = new Runs(openQueue('runs')).work({ concurrency: 4 })
process.stdout.write('ready\n')
await worker.done
