import { mallState } from '@mall/testing'
import { expect, it } from 'vitest'
import { routerUrl } from '../shop.ts'

it('every router of the mall tells what was asked of it, but not where clients are', async () => {
  const { metrics, routers } = mallState()
  expect(metrics).toHaveLength(routers.length)
  const asked = await fetch(`${routerUrl()}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'query MetricsOfTheMall { products(first: 1) { nodes { id } } }' }),
  })
  expect(asked.status).toBe(200)
  const text = await (await fetch(metrics[0] ?? '')).text()
  expect(text).toMatch(/_count\{operation="MetricsOfTheMall",type="query",outcome="ok"\} 1\n/)
  expect(text).toMatch(/router_subgraph_fetch_duration_seconds_count\{subgraph="products",outcome="ok"\} \d/)
  expect((await fetch(`${routerUrl()}/metrics`)).status).toBe(404)
})
