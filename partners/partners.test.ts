import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, it } from 'vitest'
import { keysFileSchema } from '../router/src/partners/keys.ts'
import { readApi } from '../router/src/partners/read-api.ts'
import { readYaml } from '../router/src/partners/read-yaml.ts'

const supergraphSdl = readFileSync(join(import.meta.dirname, '..', 'supergraph.graphql'), 'utf8')
const { document } = readApi(import.meta.dirname, supergraphSdl)

it('describes itself in valid OpenAPI 3.1', async () => {
  expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true })
})

/** What partners rely on, in one list: a change of the graph that changes it is seen here. */
it('has exactly these routes, with their credentials and statuses', () => {
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security, responses, operationId }]) => {
      const asked = Array.isArray(security) ? JSON.stringify(security[0]) : ''
      const always = ['401', '429', '500', '503', '504']
      const statuses = Object.keys(responses ?? {}).filter((status) => !always.includes(status))
      return `${method.toUpperCase()} ${path} ${String(operationId)} ${asked} ${statuses.join()}`
    }),
  )
  expect(routes.toSorted()).toMatchInlineSnapshot(`
    [
      "GET /v1/orders listOrders {"apiKey":[]} 200,400,404",
      "GET /v1/orders/{id} getOrder {"apiKey":[]} 200,400,404",
      "GET /v1/orders/{id}/timeline getOrderTimeline {"apiKey":[]} 200,400,404",
      "GET /v1/products listProducts {} 200,400",
      "GET /v1/products/{id} getProduct {} 200,400,404",
      "GET /v1/skus/{id}/stock getStock {} 200,400,404",
      "POST /v1/orders placeOrder {"apiKey":[]} 201,400,409,422",
      "POST /v1/orders/{id}/cancel cancelOrder {"apiKey":[]} 200,400,404,409",
      "POST /v1/orders/{id}/ship shipOrder {"apiKey":["orders:write"]} 200,400,403,404,409,422",
    ]
  `)
})

it('has only keys for development in its folder', () => {
  const { keys } = readYaml(join(import.meta.dirname, 'keys.yaml'), keysFileSchema).value
  expect(keys.map(({ name, isForDevelopment }) => [name, isForDevelopment])).toEqual([
    ['demo', true],
    ['demo-warehouse', true],
  ])
})
