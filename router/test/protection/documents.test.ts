import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import { collectRules } from '@mall/access'
import { getVariableValues } from 'graphql'
import { expect, it } from 'vitest'
import { limitsSchema } from '../../src/limits/config.ts'
import { costWith } from '../../src/limits/cost.ts'
import { readWeights } from '../../src/limits/weights.ts'
import { readManifest } from '../../src/persisted/manifest.ts'
import { createPrepare } from '../../src/pipeline/prepare.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const supergraphSdl = readFileSync(join(root, 'supergraph.graphql'), 'utf8')
const schema = Supergraph.build(supergraphSdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES })
  .apiSchema()
  .toGraphQLJSSchema()
const limits = limitsSchema.parse({})
const prepare = createPrepare({
  schema,
  rules: collectRules(supergraphSdl),
  weights: readWeights(supergraphSdl),
  limits,
  suggestions: false,
})

it('lets everything pass that the web and partners ask, by far', async () => {
  const manifest = await readManifest(join(root, 'generated', 'operations.json'))
  const costs = [...manifest.values()].map((text) => {
    const prepared = prepare(text, null)
    if (!('document' in prepared)) throw new Error(`${text}\n${String(prepared)}`)
    const definitions = prepared.operation.variableDefinitions ?? []
    const { coerced = {} } = getVariableValues(schema, definitions, {})
    return costWith(prepared.cost, coerced)
  })
  expect(costs.length).toBeGreaterThan(15)
  expect(Math.max(...costs)).toBeLessThan(limits.cost / 3)
})
