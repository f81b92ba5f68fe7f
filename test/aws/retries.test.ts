import { expect, onTestFinished, test } from 'vitest'
import { awsBackend } from '../../src/aws/backend.ts'
import { settingsFrom } from '../../src/lifecycle/settings.ts'
import { startEmulator } from '../servers/emulator.ts'

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
