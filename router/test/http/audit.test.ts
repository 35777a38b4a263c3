import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestGraph } from '../../src/testing/start-test-graph.ts'

let graph: Awaited<ReturnType<typeof startTestGraph>>
beforeAll(async () => {
  // Some audits ask for `__type`.
  graph = await startTestGraph({ file: { introspection: 'always' } })
})
afterAll(() => graph.close())

/** As clients that are no pages of elsewhere do: the router's CSRF rule stays on. */
const fetchFn = (url: string, init: RequestInit = {}) =>
  fetch(url, { ...init, headers: { ...init.headers, 'apollo-require-preflight': 'true' } })
const audits = serverAudits({ url: () => `${graph.router.url}/graphql`, fetchFn })

describe('GraphQL over HTTP', () => {
  it('has 61 audits', () => {
    expect(audits).toHaveLength(61)
  })

  it.each(audits.map(({ id, name, fn }) => ({ id, name, fn })))('$id $name', async ({ fn }) => {
    const result = await fn()
    expect({ ...result, response: undefined }).toMatchObject({ status: 'ok' })
  })
})
