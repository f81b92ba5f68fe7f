import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { awsBackend } from '../../src/aws/backend.ts'
import type { AwsOptions } from '../../src/aws/options.ts'
import type { Place } from '../../src/backend.ts'
import { refusal } from '../queue/setup.ts'

/** Failures that only a server which checks signatures shows, as their users read them. */
export function signatures(place: () => Place): void {
  describe('a store that checks signatures', () => {
    test.each([
      ['an access key that is none', 'InvalidAccessKeyId|XAdminUserNotFound', { accessKeyId: 'AKIANOBODYHASTHISONE' }],
      ['a wrong secret', 'SignatureDoesNotMatch', { secretAccessKey: 'not-the-secret' }],
    ])('refuses %s, and what to do is told', async (_, name, wrong) => {
      const { put } = await setup(place)
      const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = process.env
      const error = await refusal(put({ credentials: { accessKeyId, secretAccessKey, ...wrong } }))
      expect([error.code, error.message]).toEqual([
        'NO_CREDENTIALS',
        expect.stringMatching(
          `^AWS does not accept these credentials \\((${name})\\): check the access key and its secret, and the session token of temporary ones$`,
        ),
      ])
    })

    test('lets the SDK correct a clock that is an hour off', async () => {
      const { put } = await setup(place)
      const now = Date.now
      vi.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000)
      onTestFinished(() => void vi.restoreAllMocks())
      expect(await put({})).toMatchObject({ size: 4 })
    })
  })
}

/** A bucket that is there, and a way to write to it with other options. */
async function setup(place: () => Place) {
  const made = place()
  const opened = awsBackend().open(made)
  onTestFinished(() => opened.close())
  await opened.ready()
  const put = async (options: AwsOptions): Promise<unknown> => {
    const other = awsBackend(options).open(made)
    onTestFinished(() => other.close())
    return other.objects.put('key', Buffer.from('body'))
  }
  return { put }
}
