import type { RightsReader } from '@mall/service/rights'
import { expect, it, vi } from 'vitest'
import { connectSocket } from '../../src/testing/open-socket.ts'
import { startStockGraph } from '../../src/testing/start-stock-graph.ts'

it('rights that are lost in the middle of a decision do not count in it', async () => {
  const listeners = new Set<() => void>()
  let scopes = ['stock:cost']
  let losesNow = false
  const rights: RightsReader = {
    ready: Promise.resolve(),
    isReady: () => true,
    viewerOf: ({ sub, sid, roles }) => {
      const present = scopes
      return {
        id: sub,
        roles,
        get scopes() {
          if (losesNow) {
            losesNow = false
            scopes = []
            for (const listener of listeners) listener()
          }
          return present
        },
        sessionId: sid,
      }
    },
    onChange(listener) {
      const call = () => listener({ version: 1, roles: {}, users: {}, revokedSessions: {} })
      listeners.add(call)
      return () => listeners.delete(call)
    },
    close: () => Promise.resolve(),
  }
  const graph = await startStockGraph({ rights })
  graph.publish({ skuId: 'a', available: 1, version: 1 })
  const { subscribe, of } = await connectSocket(graph.router, await graph.token('1'))
  losesNow = true
  subscribe('1', 'subscription { stockChanged(skuIds: ["a"]) { asker sku { cost } } }')
  await vi.waitFor(() => expect(of('1')).toHaveLength(1), { timeout: 4_000 })
  expect(losesNow).toBe(false)
  expect(of('1')[0]?.payload).toMatchObject({
    // Decided anew, it asks for nothing that needs scopes: the subgraph is told of no viewer.
    data: { stockChanged: { asker: null, sku: { cost: null } } },
    errors: [{ extensions: { code: 'FORBIDDEN' } }],
  })
  await graph.close()
})
