import type { Hono } from 'hono'
import { forEachOf } from '../../for-each-of.ts'
import type { JsonObject } from '../../protocol/json.ts'
import type { Values } from '../../runs/stored/values.ts'
import type { Dated } from '../../runs/stored/versioned-contents.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { ifMatch, tagged } from './entity-tag.ts'
import { jsonBody, mostValuesBytes } from './json-body.ts'
import { missing } from './missing.ts'
import { cut, pageAnswer, pageWanted } from './paging.ts'
import { type Project, projectOf } from './project.ts'
import { checkFormat, formatOf } from './secret-formats.ts'
import { describedValues, expectName, readData, writeData } from './values.ts'

/** Members of a secret that are no values of the server's. */
const more = ['format', 'generated_by']

/** The routes of secrets. Their values are for those who may change them; others learn their keys from the format at most. */
export function addSecrets(app: Hono<GatewayEnv>, house: House): void {
  app.post('/secrets', async (c) => {
    const project = await projectOf(c, house, 'admin')
    const place = await jsonBody(c, mostValuesBytes)
    const values = readData(place, more)
    checkFormat(place, values)
    const name = place.needed('name', 'the secret’s name').text()
    const made = await project.runs.secrets.create(name, values)
    return tagged(c, revealed(project, { ...made, values }), 201)
  })
  app.get('/secrets', async (c) => {
    const project = await projectOf(c, house, 'read')
    const { secrets } = project.runs
    const wanted = pageWanted(c, 'secrets')
    const { on, next } = cut(await secrets.list(), wanted)
    const found = await forEachOf(on, 10, ({ name }) => secrets.get(name))
    const format = c.req.query('format') || undefined
    const items = found
      .flatMap((one) => (one ? [described(project, one)] : []))
      .filter((one) => format === undefined || one['format'] === format)
    return pageAnswer(c, project, 'secrets', { wanted, items, next })
  })
  app.get('/secrets/:name', async (c) => {
    const project = await projectOf(c, house, 'read')
    const name = c.req.param('name')
    const found = await project.runs.secrets.reveal(name)
    if (!found) throw missing('secret', name)
    const mayChange = c.var.caller.may('admin', project.queue)
    return tagged(
      c,
      mayChange ? revealed(project, found) : described(project, { ...found, keys: Object.keys(found.values) }),
    )
  })
  app.put('/secrets/:name', async (c) => {
    const project = await projectOf(c, house, 'admin')
    const name = c.req.param('name')
    const place = await jsonBody(c, mostValuesBytes)
    expectName(place, name)
    const values = readData(place, more)
    checkFormat(place, values)
    const changed = await ifMatch(c, (version) => project.runs.secrets.replace(name, values, { version }))
    return tagged(c, revealed(project, { ...changed, values }))
  })
  app.delete('/secrets/:name', async (c) => {
    const { runs } = await projectOf(c, house, 'admin')
    const name = c.req.param('name')
    if (!(await runs.secrets.delete(name))) throw missing('secret', name)
    return c.body(null, 202)
  })
}

function described(
  project: Project,
  { keys, ...found }: Dated & { readonly keys: readonly string[] },
): JsonObject & { readonly entity_tag: string } {
  return { ...describedValues(project, 'secrets', found), ...formatOf(keys), generated_by: 'user' }
}

function revealed(
  project: Project,
  { values, ...found }: Dated & { readonly values: Values },
): JsonObject & { readonly entity_tag: string } {
  return { ...described(project, { ...found, keys: Object.keys(values) }), data: writeData(values) }
}
