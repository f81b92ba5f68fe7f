import { expect, test } from 'vitest'
import { createToken } from '../../../src/gateway.ts'
import { namesOf, nextOf, refusalOf, required, setup } from './setup.ts'

test.each([
  ['config_maps', { name: 'mine' }, required.configMap, 'config_map_v2'],
  ['secrets', { name: 'mine', format: 'generic' }, required.secret, 'secret_generic_v2'],
])('%s are created, read, replaced whole and deleted', async (kind, about, fields, resourceType) => {
  const { ask } = await setup()
  const created = await ask('POST', `/runs/${kind}`, { json: { ...about, data: { KEY: 'one', OTHER: '' } } })
  expect(created.status).toBe(201)
  expect(Object.keys(created.body)).toEqual(expect.arrayContaining([...fields]))
  expect(created.body).toMatchObject({
    ...about,
    data: { KEY: 'one', OTHER: '' },
    entity_tag: '1',
    resource_type: resourceType,
    href: `http://localhost:8080/v2/projects/runs/${kind}/mine`,
  })
  expect(await ask('GET', `/runs/${kind}/mine`)).toMatchObject({ status: 200, body: created.body })
  const put = (tag: string, data: unknown) =>
    ask('PUT', `/runs/${kind}/mine`, { json: { ...about, data }, headers: { 'If-Match': tag } })
  const replaced = await put('1', { KEY: 'two' })
  expect(replaced).toMatchObject({ status: 200, body: { id: created.body['id'], entity_tag: '2' } })
  expect(replaced.body['data']).toEqual({ KEY: 'two' })
  expect(replaced.headers.get('ETag')).toBe('"2"')
  expect(refusalOf(await put('1', {}))).toMatchObject({ status: 412 })
  expect(refusalOf(await put('', {}))).toMatchObject({ status: 428 })
  expect((await put('*', undefined)).body).toMatchObject({ entity_tag: '3', data: {} })
  expect(await ask('DELETE', `/runs/${kind}/mine`)).toMatchObject({ status: 202, text: '' })
  for (const method of ['GET', 'DELETE'])
    expect(refusalOf(await ask(method, `/runs/${kind}/mine`))).toMatchObject({ status: 404, code: 'not_found' })
  expect(refusalOf(await put('*', {}))).toMatchObject({ status: 404 })
  // It is another one.
  const again = await ask('POST', `/runs/${kind}`, { json: about })
  expect(again.status).toBe(201)
  expect(again.body['id']).not.toBe(created.body['id'])
})

test.each([
  ['config_maps', {}],
  ['secrets', { format: 'generic' }],
])('%s are listed page by page', async (kind, about) => {
  const { ask } = await setup()
  for (const name of ['c', 'a', 'b']) await ask('POST', `/runs/${kind}`, { json: { ...about, name } })
  const page = await ask('GET', `/runs/${kind}?limit=2`)
  expect(namesOf(page, kind)).toEqual(['a', 'b'])
  expect(namesOf(await ask('GET', `/runs/${kind}?limit=2&start=${nextOf(page)?.start}`), kind)).toEqual(['c'])
})

test('of replacements of one version that come at the same time one is made', async () => {
  const { ask } = await setup()
  await ask('POST', '/runs/config_maps', { json: { name: 'mine' } })
  const answers = await Promise.all(
    ['a', 'b', 'c'].map((value) =>
      ask('PUT', '/runs/config_maps/mine', { json: { data: { value } }, headers: { 'If-Match': '1' } }),
    ),
  )
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412, 412])
  const { body } = await ask('GET', '/runs/config_maps/mine')
  expect(body['data']).toEqual(answers.find(({ status }) => status === 200)?.body['data'])
})

test('a secret’s values are for those who may change it, and for nobody else', async () => {
  const admin = createToken({ name: 'admin', scopes: ['admin'] })
  const reader = createToken({ name: 'reader', scopes: ['read'] })
  const { ask } = await setup({ tokens: [admin.entry, reader.entry] })
  const as = ({ token }: { readonly token: string }) => ({ Authorization: `Bearer ${token}` })
  const json = { name: 'db', format: 'basic_auth', data: { username: 'me', password: 'hidden' } }
  const created = await ask('POST', '/runs/secrets', { json, headers: as(admin) })
  expect(created.body['data']).toEqual(json.data)
  const shown = await ask('GET', '/runs/secrets/db', { headers: as(admin) })
  expect(shown.body['data']).toEqual(json.data)
  expect(shown.headers.get('Cache-Control')).toBe('no-store')
  const hidden = await ask('GET', '/runs/secrets/db', { headers: as(reader) })
  expect(hidden).toMatchObject({ status: 200, body: { name: 'db', format: 'basic_auth', entity_tag: '1' } })
  for (const who of [admin, reader]) {
    const list = await ask('GET', '/runs/secrets', { headers: as(who) })
    expect(namesOf(list, 'secrets')).toEqual(['db'])
    expect(list.text).not.toContain('hidden')
  }
  expect(hidden.text).not.toContain('hidden')
  const refused = await ask('PUT', '/runs/secrets/db', { json, headers: { ...as(reader), 'If-Match': '*' } })
  expect(refusalOf(refused)).toMatchObject({ status: 403, code: 'forbidden' })
})

test('a secret has the format that its keys are of, and a format has its keys', async () => {
  const { ask } = await setup()
  const create = (name: string, format: string, data: unknown) =>
    ask('POST', '/runs/secrets', { json: { name, format, data } })
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['ssh_auth', { ssh_key: 'k', known_hosts: 'h' }, 'secret_auth_ssh_v2'],
    ['tls', { tls_cert: 'c', tls_key: 'k' }, 'secret_tls_v2'],
    ['hmac_auth', { access_key_id: 'i', secret_access_key: 'k' }, 'secret_hmac_auth_v2'],
    ['basic_auth', { username: 'u', password: 'p' }, 'secret_basic_auth_v2'],
    ['generic', { password: 'p' }, 'secret_generic_v2'],
  ]
  for (const [format, data, resource_type] of cases)
    expect(await create(format.replace('_', '-'), format, data)).toMatchObject({
      status: 201,
      body: { format, data, resource_type },
    })
  const ofKind = await ask('GET', '/runs/secrets?format=tls')
  expect(namesOf(ofKind, 'secrets')).toEqual(['tls'])
  expect(refusalOf(await create('bad', 'tls', { tls_cert: 'c' }))).toMatchObject({
    status: 400,
    message: expect.stringContaining('tls_key'),
  })
  for (const format of ['registry', 'service_access', 'nonsense'])
    expect(refusalOf(await create('bad', format, {}))).toMatchObject({ status: 400, target: { name: 'format' } })
})

test('values that cannot be are refused without being said', async () => {
  const { ask } = await setup()
  const cases: readonly unknown[] = [
    { name: 'mine', format: 'generic', data: { key: { deep: 'hidden' } } },
    { name: 'mine', format: 'generic', data: { key: ['hidden'] } },
    { name: 'mine', format: 'generic', data: 'hidden' },
    { name: 'mine', format: 'generic', data: { 'a b': 'hidden' } },
    { name: 'mine', format: 'generic', data: { key: '\uD800hidden' } },
    { name: 'mine', format: 'generic', data: { key: `hidden${'x'.repeat(1024 * 1024)}` } },
    { name: 'Mine', format: 'generic', data: { key: 'hidden' } },
    { format: 'generic', data: { key: 'hidden' } },
    { name: 'mine', format: 'generic', data: { key: 'hidden' }, extra: 1 },
  ]
  for (const json of cases)
    for (const kind of ['secrets', 'config_maps']) {
      const answer = await ask('POST', `/runs/${kind}`, { json })
      expect(refusalOf(answer)).toMatchObject({ status: 400 })
      expect(answer.text).not.toContain('hidden')
    }
  const broken = await ask('POST', '/runs/secrets', {
    body: '{"name":"mine","data":{"key":"hidden"',
    headers: { 'Content-Type': 'application/json' },
  })
  expect(refusalOf(broken)).toMatchObject({ status: 400 })
  expect(broken.text).not.toContain('hidden')
})

test('bytes that are no text are not shown as if they were', async () => {
  const { ask, runs } = await setup()
  await runs.configMaps.create('mine', { text: 'yes', bytes: Uint8Array.of(255, 0) })
  expect((await ask('GET', '/runs/config_maps/mine')).body['data']).toEqual({ text: 'yes' })
})

test('a key is any key', async () => {
  const { ask, runs } = await setup()
  const body = '{"name":"mine","data":{"__proto__":"a","constructor":"b"}}'
  const created = await ask('POST', '/runs/config_maps', { body, headers: { 'Content-Type': 'application/json' } })
  expect(created.status).toBe(201)
  expect(created.text).toContain('"data":{"__proto__":"a","constructor":"b"}')
  expect(Object.entries((await runs.configMaps.get('mine'))?.values ?? {})).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ])
})
