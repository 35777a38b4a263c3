import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, it, vi } from 'vitest'
import { readMetrics } from '../../src/testing/read-metrics.ts'
import { ask, composeSupergraph, goodsSdl, startGoods, startStock, stockSdl } from '../faults/sick-graph.ts'
import { send } from '../faults/sick-server.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

/** The router as it is run, with what it logs. */
async function startProcess(supergraphFile: string) {
  const child = spawn(process.execPath, [main], {
    env: {
      ...process.env,
      SUPERGRAPH: supergraphFile,
      PORT: '0',
      METRICS_PORT: '0',
      ROUTER_CONFIG: '',
      NODE_ENV: 'test',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  closing.push(() => child.kill('SIGKILL'))
  const logged: { msg: string; url?: string }[] = []
  createInterface({ input: child.stdout }).on('line', (line) => logged.push(JSON.parse(line)))
  const url = await vi.waitFor(
    () => {
      const found = logged.find(({ msg }) => msg === 'the router is up')?.url
      if (!found) throw new Error('the router is not up')
      return found
    },
    { timeout: 15_000 },
  )
  const metricsUrl = logged.find(({ msg }) => msg === 'metrics are served')?.url ?? null
  return { url, metricsUrl, logged, exited, terminate: () => child.kill('SIGTERM') }
}

it('a router follows its supergraph file, and on SIGTERM finishes what it has and exits with 0', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'router-'))
  closing.push(() => rm(folder, { recursive: true }))
  const [goods, stock] = [await startGoods(), await startStock()]
  closing.push(() => Promise.all([goods.kill(), stock.kill()]))
  const file = join(folder, 'supergraph.graphql')
  const withGoods = { name: 'goods', url: goods.url, sdl: goodsSdl }
  await writeFile(file, composeSupergraph([withGoods]))
  const router = await startProcess(file)
  expect((await ask(router.url, '{ items { name } }')).errors).toEqual([])
  expect((await ask(router.url, '{ total }')).status).toBe(400)

  await writeFile(file, 'type Query { nonsense')
  await vi.waitFor(
    () => expect(router.logged.map(({ msg }) => msg).join()).toContain('the old one goes on'),
    {
      timeout: 5_000,
    },
  )
  expect((await ask(router.url, '{ items { name } }')).errors).toEqual([])

  await writeFile(file, composeSupergraph([withGoods, { name: 'stock', url: stock.url, sdl: stockSdl }]))
  await vi.waitFor(async () => expect((await ask(router.url, '{ total }')).data).toEqual({ total: 7 }), {
    timeout: 5_000,
    interval: 100,
  })

  const { of } = await readMetrics(router)
  expect(of('router_supergraph_swaps_total{result="done"}')).toBe(1)
  expect(of('router_supergraph_swaps_total{result="refused"}')).toBeGreaterThan(0)

  let answer: () => void = () => undefined
  stock.behave((response, wellAnswer) => {
    answer = () => void wellAnswer().then((text) => send(response, text))
  })
  const underWay = ask(router.url, '{ total }')
  await vi.waitFor(() => expect(stock.open).toBe(1))
  router.terminate()
  await vi.waitFor(() => expect(fetch(`${router.url}/healthz`)).rejects.toThrow())
  answer()
  expect((await underWay).data).toEqual({ total: 7 })
  expect(await router.exited).toBe(0)
}, 40_000)
