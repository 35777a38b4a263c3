import { afterEach, expect, it } from 'vitest'
import { subgraphsSchema } from '../../src/engine/config.ts'
import { startRouter } from '../../src/start.ts'
import { startTestGraph } from '../../src/testing/start-test-graph.ts'
import { ask } from '../faults/sick-graph.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

it('an instance that drains costs no query and no mutation, and one that comes instead is asked', async () => {
  const graph = await startTestGraph()
  closing.push(() => graph.close())
  const leaving = await graph.startPeople(0, 1_500)
  const { file } = graph.routerOptions
  const router = await startRouter({
    ...graph.routerOptions,
    file: {
      ...file,
      timeouts: { default: 5_000 },
      subgraphs: subgraphsSchema.parse({ probe: { interval: 300 } }),
    },
    subgraphUrls: new Map([['people', [`${graph.running.people.url}/graphql`, `${leaving.url}/graphql`]]]),
  })
  closing.push(() => router.close())

  let isStopped = false
  const failures: string[] = []
  let count = 0
  const load = ['{ people { id name } }', 'mutation { count }', '{ pause(ms: 100) }'].flatMap((query) =>
    Array.from({ length: 2 }, async () => {
      while (!isStopped) {
        const { errors } = await ask(router.url, query)
        failures.push(...errors)
        count += 1
      }
    }),
  )
  await new Promise((resolve) => setTimeout(resolve, 300))
  await leaving.close()
  await expect(fetch(leaving.url)).rejects.toThrow()
  const back = await graph.startPeople(Number(new URL(leaving.url).port))
  closing.push(() => back.close())
  await new Promise((resolve) => setTimeout(resolve, 600))
  isStopped = true
  await Promise.all(load)
  expect(failures).toEqual([])
  expect(count).toBeGreaterThan(100)
}, 20_000)
