import { expect, test } from 'vitest'
import { setupReady } from './setup.ts'

test('a message is sent with no more than was asked for', async () => {
  const { emulator, pending } = await setupReady()
  await pending.send({ body: 'plain' })
  await pending.send({ body: 'all', attributes: { id: 'a' }, delaySeconds: 3, group: 'tenant' })
  const sent = emulator.requests
    .filter(({ operation }) => operation === 'SendMessage')
    .map(({ body }): unknown => JSON.parse(body))
  const QueueUrl = expect.any(String)
  expect(sent).toEqual([
    { QueueUrl, MessageBody: 'plain' },
    {
      QueueUrl,
      MessageBody: 'all',
      MessageAttributes: { id: { DataType: 'String', StringValue: 'a' } },
      DelaySeconds: 3,
      MessageGroupId: 'tenant',
    },
  ])
})

test("a queue's URL is asked for once, also by many at the same time, and again after a failure", async () => {
  const { emulator, open, place } = await setupReady()
  const pending = open().queue(place.pendingQueue ?? '')
  emulator.fail({ operation: 'GetQueueUrl', answer: { status: 403, code: 'AccessDenied' } })
  const first = await Promise.allSettled([pending.send({ body: 'a' }), pending.send({ body: 'b' })])
  expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await Promise.all([pending.send({ body: 'a' }), pending.send({ body: 'b' })])
  expect([emulator.count('GetQueueUrl'), emulator.count('SendMessageBatch')]).toEqual([2, 1])
})

test('requests go to the endpoint, whatever host a URL names', async () => {
  const { emulator, pending } = await setupReady()
  await pending.send({ body: 'body' })
  const [request] = emulator.requests.filter(({ operation }) => operation === 'SendMessage')
  expect(new URL(JSON.parse(request?.body ?? '').QueueUrl).host).not.toBe(new URL(emulator.endpoint).host)
})

test('a message that was sent twice because an answer was lost is received twice', async () => {
  const { emulator, pending } = await setupReady()
  emulator.fail({ operation: 'SendMessage', when: 'after', answer: 'drop' })
  await pending.send({ body: 'body' })
  const received = await pending.receive({ max: 10, waitSeconds: 1, leaseSeconds: 30 })
  expect(received.map(({ body }) => body)).toEqual(['body', 'body'])
})

test.each([
  { status: 404, code: 'ReceiptHandleIsInvalid' },
  {
    status: 400,
    code: 'InvalidParameterValue',
    message: 'Value AQEB for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.',
  },
])('deleting with a receipt that is out of date is no error: $code', async (answer) => {
  const { emulator, pending } = await setupReady()
  emulator.fail({ operation: 'DeleteMessage', answer })
  await pending.delete('receipt')
})

test('a message of others may lack attributes, and have some that are not text', async () => {
  const { emulator, pending } = await setupReady()
  const Messages = [
    {
      MessageId: 'a',
      ReceiptHandle: 'r',
      Attributes: { ApproximateReceiveCount: '3', SentTimestamp: '1700000000000' },
    },
    {
      MessageId: 'b',
      ReceiptHandle: 's',
      Body: 'body',
      Attributes: { ApproximateReceiveCount: '1' },
      MessageAttributes: {
        text: { DataType: 'String', StringValue: 'text' },
        number: { DataType: 'Number', StringValue: '1' },
        bytes: { DataType: 'Binary', BinaryValue: 'AAAA' },
        __proto__x: { DataType: 'String', StringValue: 'x' },
      },
    },
  ]
  emulator.fail({ operation: 'ReceiveMessage', answer: { status: 200, body: JSON.stringify({ Messages }) } })
  expect(await pending.receive({ max: 10, waitSeconds: 0, leaseSeconds: 30 })).toEqual([
    { messageId: 'a', receipt: 'r', body: '', attributes: {}, receiveCount: 3, sentAt: new Date(1_700_000_000_000) },
    {
      messageId: 'b',
      receipt: 's',
      body: 'body',
      attributes: { text: 'text', number: '1', __proto__x: 'x' },
      receiveCount: 1,
      sentAt: expect.any(Date),
    },
  ])
})

test('a server that does not count deliveries is refused, since attempts would never end', async () => {
  const { emulator, pending } = await setupReady()
  const Messages = [{ MessageId: 'a', ReceiptHandle: 'r', Body: 'body' }]
  emulator.fail({ operation: 'ReceiveMessage', answer: { status: 200, body: JSON.stringify({ Messages }) } })
  await expect(pending.receive({ max: 1, waitSeconds: 0, leaseSeconds: 30 })).rejects.toMatchObject({
    code: 'UNSUPPORTED',
  })
})
