import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import { collectRules } from '@mall/access'
import { getNamedType, getNullableType, isInterfaceType, isListType, isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../router/src/config.ts'
import { limitsSchema } from '../../router/src/limits/config.ts'
import { costWith } from '../../router/src/limits/cost.ts'
import { readWeights } from '../../router/src/limits/weights.ts'
import { readManifest } from '../../router/src/persisted/manifest.ts'
import { createPrepare } from '../../router/src/pipeline/prepare.ts'

const root = join(import.meta.dirname, '..', '..')
const supergraphSdl = readFileSync(join(root, 'supergraph.graphql'), 'utf8')

const schemaOf = (sdl: string) =>
  Supergraph.build(sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES })
    .apiSchema()
    .toGraphQLJSSchema()

/** Lists whose size nothing says, and pages that their argument does not size: their cost would be a guess. */
function unsized(sdl: string): string[] {
  const { sizes } = readWeights(sdl)
  const fields = Object.values(schemaOf(sdl).getTypeMap())
    .filter((type) => !type.name.startsWith('__'))
    .flatMap((type) =>
      isObjectType(type) || isInterfaceType(type)
        ? Object.values(type.getFields()).map((field) => ({ type: type.name, field }))
        : [],
    )
  const sizeOf = (type: string, field: string) => sizes.get(`${type}.${field}`)
  /** By every field that leads to the type, such as `edges` of a connection. */
  const isSizedAbove = (type: string, field: string) => {
    const above = fields.filter((one) => getNamedType(one.field.type).name === type)
    return (
      above.length > 0 && above.every((one) => sizeOf(one.type, one.field.name)?.sizedFields?.includes(field))
    )
  }
  const lists = fields.filter(
    ({ type, field }) =>
      isListType(getNullableType(field.type)) &&
      !sizeOf(type, field.name)?.assumedSize &&
      !isSizedAbove(type, field.name),
  )
  const pages = fields.filter(
    ({ type, field }) =>
      field.args.some(({ name }) => name === 'first') &&
      !sizeOf(type, field.name)?.slicingArguments?.includes('first'),
  )
  return [...lists, ...pages].map(({ type, field }) => `${type}.${field.name}`)
}

describe('the size of every list', () => {
  it('is told by @listSize, of itself or of the page it is in', () => {
    expect(unsized(supergraphSdl)).toEqual([])
  })

  it('is missed as soon as one @listSize is', () => {
    const told = [...supergraphSdl.matchAll(/(?<!directive) @listSize\([^)]*\)/g)]
    expect(told.length).toBeGreaterThan(20)
    for (const { index, 0: text } of told) {
      const without = supergraphSdl.slice(0, index) + supergraphSdl.slice(index + text.length)
      expect(unsized(without), supergraphSdl.slice(index - 60, index)).not.toEqual([])
    }
  })
})

it('what the web and partners ask stays within the limits, also for the longest page and order', async () => {
  const { file } = loadConfig({ ROUTER_CONFIG: join(root, 'router.yaml') })
  const limits = file.limits ?? limitsSchema.parse({})
  const prepare = createPrepare({
    schema: schemaOf(supergraphSdl),
    rules: collectRules(supergraphSdl),
    weights: readWeights(supergraphSdl),
    limits,
    suggestions: false,
  })
  const lines = Array.from({ length: 100 }, () => ({ skuId: 'sku', quantity: 1 }))
  const manifest = await readManifest(join(root, 'generated', 'operations.json'))
  const costs = [...manifest.values()].map((text) => {
    const prepared = prepare(text, null)
    if (!('document' in prepared)) throw new Error(`${text}\n${String(prepared)}`)
    return costWith(prepared.cost, { first: 100, input: { lines } })
  })
  expect(costs.length).toBeGreaterThan(15)
  expect(Math.max(...costs)).toBeLessThan(limits.cost)
  // They do cost: a limit that nothing comes near protects nobody.
  expect(Math.max(...costs)).toBeGreaterThan(limits.cost / 2)
})
