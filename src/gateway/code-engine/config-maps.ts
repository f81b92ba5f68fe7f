import type { Hono } from 'hono'
import { forEachOf } from '../../for-each-of.ts'
import type { JsonObject } from '../../protocol/json.ts'
import type { ConfigMap } from '../../runs.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { ifMatch, tagged } from './entity-tag.ts'
import { jsonBody, mostValuesBytes } from './json-body.ts'
import { missing } from './missing.ts'
import { cut, pageAnswer, pageWanted } from './paging.ts'
import { type Project, projectOf } from './project.ts'
import { describedValues, expectName, readData, writeData } from './values.ts'

/** The routes of config maps. */
export function addConfigMaps(app: Hono<GatewayEnv>, house: House): void {
  app.post('/config_maps', async (c) => {
    const project = await projectOf(c, house, 'admin')
    const place = await jsonBody(c, mostValuesBytes)
    const values = readData(place)
    const name = place.needed('name', 'the config map’s name').text()
    const made = await project.runs.configMaps.create(name, values)
    return tagged(c, shown(project, { ...made, values }), 201)
  })
  app.get('/config_maps', async (c) => {
    const project = await projectOf(c, house, 'read')
    const { configMaps } = project.runs
    const wanted = pageWanted(c, 'config_maps')
    const { on, next } = cut(await configMaps.list(), wanted)
    const found = await forEachOf(on, 10, ({ name }) => configMaps.get(name))
    const items = found.flatMap((one) => (one ? [shown(project, one)] : []))
    return pageAnswer(c, project, 'config_maps', { wanted, items, next })
  })
  app.get('/config_maps/:name', async (c) => {
    const project = await projectOf(c, house, 'read')
    const name = c.req.param('name')
    const found = await project.runs.configMaps.get(name)
    if (!found) throw missing('config map', name)
    return tagged(c, shown(project, found))
  })
  app.put('/config_maps/:name', async (c) => {
    const project = await projectOf(c, house, 'admin')
    const name = c.req.param('name')
    const place = await jsonBody(c, mostValuesBytes)
    expectName(place, name)
    const values = readData(place)
    const changed = await ifMatch(c, (version) => project.runs.configMaps.replace(name, values, { version }))
    return tagged(c, shown(project, { ...changed, values }))
  })
  app.delete('/config_maps/:name', async (c) => {
    const { runs } = await projectOf(c, house, 'admin')
    const name = c.req.param('name')
    if (!(await runs.configMaps.delete(name))) throw missing('config map', name)
    return c.body(null, 202)
  })
}

function shown(project: Project, found: ConfigMap): JsonObject & { readonly entity_tag: string } {
  const described = describedValues(project, 'config_maps', found)
  return { ...described, resource_type: 'config_map_v2', data: writeData(found.values) }
}
