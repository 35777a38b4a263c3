import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@mall/service/logger'
import { afterEach, expect, it, vi } from 'vitest'
import { createCounts } from '../../src/metrics/counts.ts'
import { startLibrary } from '../../src/partners/testing/start-library.ts'
import { watchSupergraph } from '../../src/supergraph/watch.ts'
import { connectSocket } from '../../src/testing/open-socket.ts'
import { startStockGraph } from '../../src/testing/start-stock-graph.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})
vi.setConfig({ testTimeout: 20_000 })
const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 8_000, interval: 20 })

interface Watched {
  readonly router: { swap(supergraphSdl: string): Promise<void> }
  readonly supergraphSdl: string
}

/** Has a router follow a file, as `main.ts` does it. */
async function follow({ router, supergraphSdl }: Watched) {
  const folder = await mkdtemp(join(tmpdir(), 'supergraph-'))
  closing.push(() => rm(folder, { recursive: true }))
  const file = join(folder, 'supergraph.graphql')
  await writeFile(file, supergraphSdl)
  const logged: string[] = []
  const logger = createLogger({ name: 'test' }, { write: (line) => void logged.push(line) })
  const swap = vi.fn(router.swap)
  const watching = await watchSupergraph({
    file,
    compositionFile: '',
    supergraphSdl,
    onChange: swap,
    counts: createCounts(),
    logger,
  })
  closing.push(() => watching.stop())
  return {
    /** Writes another supergraph, and waits until it was swapped or refused; what was logged of it. */
    async write(pattern: RegExp, text: string): Promise<string> {
      const changed = supergraphSdl.replaceAll(pattern, text)
      expect(changed).not.toBe(supergraphSdl)
      const before = swap.mock.settledResults.length
      await writeFile(file, changed)
      await eventually(() => {
        const settled = swap.mock.settledResults.slice(before).map(({ type }) => type)
        expect(settled).toHaveLength(1)
        expect(settled).not.toContain('incomplete')
        if (settled[0] === 'rejected') expect(logged).toHaveLength(1)
      })
      return logged.splice(0).join()
    },
  }
}

it('a supergraph that the partners’ folder does not fit is refused with file and line; the old one goes on', async () => {
  const library = await startLibrary({ keys: [] })
  closing.push(() => library.close())
  const { write } = await follow(library)
  const told = await write(/^ *vault: .*$/gm, '')
  expect(told).toContain('the changed supergraph cannot be served; the old one goes on')
  expect(told).toMatch(/books\.graphql:6: Cannot query field \\"vault\\" on type \\"Query\\"/)
  expect(await write(/\bLentError\b/g, 'LoanError')).toMatch(/LentError/)
  expect((await library.ask('/v1/books')).status).toBe(200)
  expect((await library.ask('/v1/vault')).status).not.toBe(500)
  expect((await library.ask('/openapi.json')).body.paths).toHaveProperty(['/v1/vault'])

  // What fits is served again.
  expect(await write(/What stands on the shelf\./g, 'What lies on the shelf.')).toBe('')
  expect((await library.ask('/openapi.json')).text).toContain('What lies on the shelf.')
})

it('a supergraph without what is shared is refused with its name; the old one goes on', async () => {
  const graph = await startStockGraph()
  closing.push(() => graph.close())
  graph.publish({ skuId: 'a', available: 1, version: 1 })
  const { write } = await follow(graph)
  const query = 'subscription { stockChanged(skuIds: ["a"]) { available } }'
  const socket = await connectSocket(graph.router)
  socket.subscribe('1', query)
  await eventually(() => expect(socket.of('1')).toHaveLength(1))

  const gone = await write(/^ *stockChanged\(.*$/gm, '')
  expect(gone).toContain('the changed supergraph cannot be served; the old one goes on')
  expect(gone).toContain('shares the subscription \\"stockChanged\\", which there is not')
  const unversioned = await write(/^ *version: .*$/gm, '')
  expect(unversioned).toContain('The version of \\"stockChanged\\" cannot be followed at \\"version\\"')

  graph.publish({ skuId: 'a', available: 2, version: 2 })
  const seen = (id: string) => socket.of(id).map(({ payload }) => payload.data.stockChanged.available)
  await eventually(() => expect(seen('1')).toEqual([1, 2]))
  socket.subscribe('2', query)
  await eventually(() => expect(seen('2')).toEqual([2]))
  expect(graph.counts).toMatchObject({ subscriptions: 1, opened: 1 })
})
