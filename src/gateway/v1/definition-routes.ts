import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { hasCode } from '../../errors.ts'
import { expectScope } from '../caller.ts'
import { jsonUnlessKnown } from '../conditional.ts'
import type { GatewayEnv } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { Problem } from '../problem.ts'
import { Flag, Instant, jsonAnswer, jsonBody, refusals, unchanged } from './describe.ts'
import { DefinitionParameters, NewDefinition, Overrides, StoredDefinition } from './run-schemas.ts'
import { storedView } from './run-view.ts'
import { runsOf } from './runs-of.ts'

const listRoute = createRoute({
  method: 'get',
  path: '/v1/definitions',
  operationId: 'listDefinitions',
  summary: 'The names of all stored definitions',
  responses: {
    200: jsonAnswer(
      'The names',
      z
        .object({ definitions: z.array(z.object({ name: z.string(), version: z.int(), updatedAt: Instant })) })
        .openapi('Definitions'),
    ),
    304: unchanged,
    ...refusals,
  },
})

const createDefinition = createRoute({
  method: 'post',
  path: '/v1/definitions',
  operationId: 'createDefinition',
  summary: 'Stores a definition to make runs from',
  request: { body: jsonBody(NewDefinition) },
  responses: { 201: jsonAnswer('It is stored', StoredDefinition), ...refusals },
})

const getRoute = createRoute({
  method: 'get',
  path: '/v1/definitions/{name}',
  operationId: 'getDefinition',
  summary: 'A stored definition',
  request: { params: DefinitionParameters },
  responses: {
    200: jsonAnswer('The definition', StoredDefinition),
    304: unchanged,
    ...refusals,
  },
})

const updateRoute = createRoute({
  method: 'patch',
  path: '/v1/definitions/{name}',
  operationId: 'updateDefinition',
  summary: 'Changes what is said of a stored definition',
  description: 'With `If-Match`, the `ETag` of what was read, only that version is changed: 412 when there is another.',
  request: {
    params: DefinitionParameters,
    headers: z.object({ 'if-match': z.string().optional() }),
    body: jsonBody(Overrides),
  },
  responses: { 200: jsonAnswer('It is changed', StoredDefinition), ...refusals },
})

const deleteRoute = createRoute({
  method: 'delete',
  path: '/v1/definitions/{name}',
  operationId: 'deleteDefinition',
  summary: 'Deletes a stored definition, and its runs',
  request: {
    params: DefinitionParameters,
    query: z.strictObject({ orphanRuns: Flag.optional().openapi({ description: 'Leaves the runs alone' }) }),
  },
  responses: { 204: { description: 'It is gone' }, ...refusals },
})

/** Stored definitions. */
export function definitionRoutes(app: OpenAPIHono<GatewayEnv>, house: House): void {
  app.openapi(listRoute, async (c) => {
    const { runs } = await runsOf(house, (name) => expectScope(c, 'read', name))
    const names = await runs.jobs.list({ signal: c.req.raw.signal })
    const definitions = names.map(({ name, version, updatedAt }) => ({
      name,
      version,
      updatedAt: updatedAt.toISOString(),
    }))
    return jsonUnlessKnown(c, { definitions })
  })

  app.openapi(createDefinition, async (c) => {
    const { runs } = await runsOf(house, (name) => expectScope(c, 'admin', name))
    const view = storedView(await runs.jobs.create(c.req.valid('json'), { signal: c.req.raw.signal }))
    return c.json(view, 201, { ETag: tagOfVersion(view.version), Location: house.at(`/v1/definitions/${view.name}`) })
  })

  app.openapi(getRoute, async (c) => {
    const { name } = c.req.valid('param')
    const { runs } = await runsOf(house, (queue) => expectScope(c, 'read', queue))
    const stored = await runs.jobs.get(name, { signal: c.req.raw.signal })
    if (!stored) throw noDefinition(name)
    return jsonUnlessKnown(c, storedView(stored), tagOfVersion(stored.version))
  })

  app.openapi(updateRoute, async (c) => {
    const { name } = c.req.valid('param')
    const { runs } = await runsOf(house, (queue) => expectScope(c, 'admin', queue))
    const version = versionFrom(c.req.header('If-Match'))
    try {
      const view = storedView(await runs.jobs.update(name, c.req.valid('json'), { version, signal: c.req.raw.signal }))
      return c.json(view, 200, { ETag: tagOfVersion(view.version) })
    } catch (error) {
      if (hasCode(error, 'CONFLICT')) throw new Problem(412, error.message, { code: 'CONFLICT', cause: error })
      throw error
    }
  })

  app.openapi(deleteRoute, async (c) => {
    const { name } = c.req.valid('param')
    const { runs } = await runsOf(house, (queue) => expectScope(c, 'admin', queue))
    const orphanJobRuns = c.req.valid('query').orphanRuns
    if (!(await runs.jobs.delete(name, { orphanJobRuns, signal: c.req.raw.signal }))) throw noDefinition(name)
    return c.body(null, 204)
  })
}

const tagOfVersion = (version: number): string => `"v${version}"`

/** @throws Problem 412 for what is no version at all */
function versionFrom(tag: string | undefined): number | undefined {
  if (tag === undefined || tag.trim() === '*') return undefined
  const version = /^"v(\d{1,15})"$/.exec(tag.trim())?.[1]
  if (version !== undefined) return Number(version)
  throw new Problem(412, 'There is no such version: send the ETag of what was read', { code: 'CONFLICT' })
}

function noDefinition(name: string): Problem {
  return new Problem(404, `There is no job "${name}": check the name, or create it`, { code: 'NOT_FOUND' })
}
