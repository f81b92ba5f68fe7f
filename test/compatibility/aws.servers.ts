import { describe } from 'vitest'
import { useAccount } from './account.ts'
import { suites } from './suites.ts'

// It costs a few cents, and it makes and deletes buckets and queues: nobody runs it unasked.
describe.skipIf(process.env['REMOTEJOB_TEST_AWS'] !== '1')('AWS itself (REMOTEJOB_TEST_AWS=1)', () => {
  suites(async () => useAccount(), { stop: false })
})
