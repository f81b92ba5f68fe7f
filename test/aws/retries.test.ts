import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { awsBackend } from '../../src/aws/backend.ts'
import { settingsFrom } from '../../src/lifecycle/settings.ts'
import { startEmulator } from '../servers/emulator.ts'
import { setup } from './setup.ts'

test('a question is asked again after a broken connection however often that happened, also when the answer is no', async () => {
  const emulator = await startEmulator()
  onTestFinished(() => emulator.close())
  const opened = awsBackend(emulator.options).open(settingsFrom('patient', {}).place)
  onTestFinished(() => opened.close())
  await opened.ready()
  await opened.objects.put('taken', Buffer.from('first'))
  for (let round = 0; round < 6; round += 1) {
    emulator.fail({ operation: 'GetObject', times: 20, answer: 'drop' })
    emulator.fail({ operation: 'PutObject', times: 20, answer: 'drop' })
    const questions = Array.from({ length: 20 }, (_, n) => opened.objects.get(`missing-${n}`))
    const claims = Array.from({ length: 20 }, () => opened.objects.putIfAbsent('taken', Buffer.from('second')))
    expect(new Set(await Promise.all([...questions, ...claims]))).toEqual(new Set([undefined]))
  }
})

test('a queue that is closed takes no more messages', async () => {
  const { emulator, open } = await setup()
  const [closing, staying] = [open(), open()]
  await closing.ready()
  const poll = closing.pending.receive({ max: 1, waitSeconds: 20, leaseSeconds: 30 })
  await emulator.until('ReceiveMessage', 1)
  await Promise.all([expect(poll).rejects.toMatchObject({ code: 'UNAVAILABLE' }), closing.close()])
  // A poll that began anew would have done so by now, and would be the first in line.
  await delay(500)
  await staying.pending.send({ body: 'for those who stay' })
  expect(emulator.count('ReceiveMessage')).toBe(1)
})
