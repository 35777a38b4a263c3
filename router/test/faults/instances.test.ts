import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { startNameServer } from './name-server.ts'
import { startSickGraph, startStock } from './sick-graph.ts'
import { send, type SickServer } from './sick-server.ts'

let graph: Awaited<ReturnType<typeof startSickGraph>> | undefined
const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await graph?.close()
  graph = undefined
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function start(...options: Parameters<typeof startSickGraph>) {
  graph = await startSickGraph(...options)
  return graph
}

async function startInstance(): Promise<SickServer> {
  const server = await startStock()
  cleanups.push(() => server.kill().catch(() => undefined))
  return server
}

/** Asks all the time, until stopped; answers how many queries went and what went wrong. */
function askAllTheTime(ask: (query: string) => Promise<{ errors: readonly string[] }>) {
  let isStopped = false
  let count = 0
  const failures: string[] = []
  const clients = Array.from({ length: 4 }, async (_, client) => {
    while (!isStopped) {
      const { errors } = await ask(`{ t${client}n${count++}: total }`)
      failures.push(...errors)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })
  return async () => {
    isStopped = true
    await Promise.all(clients)
    return { count, failures }
  }
}

/** Resolves when the server is asked nothing for a while. */
async function toBeLeftAlone({ asked }: SickServer): Promise<void> {
  const within = { timeout: 5_000, interval: 300 }
  let before = -1
  await vi.waitFor(() => {
    const now = asked.length
    const isAlone = now === before
    before = now
    expect(isAlone).toBe(true)
  }, within)
}

const toBeAsked = ({ asked }: SickServer) => {
  const before = asked.length
  return vi.waitFor(() => expect(asked.length).toBeGreaterThan(before), { timeout: 5_000 })
}

describe('of several instances', () => {
  it('one that dies is asked nothing any more, one that comes back is, and no query fails meanwhile', async () => {
    const { stock, ask } = await start({ instances: 2 })
    const [one, other] = stock as [SickServer, SickServer]
    const stop = askAllTheTime(ask)
    await Promise.all([toBeAsked(one), toBeAsked(other)])
    await one.kill()
    await toBeAsked(other)
    await one.start()
    await toBeAsked(one)
    const { count, failures } = await stop()
    expect(failures).toEqual([])
    expect(count).toBeGreaterThan(100)
  }, 20_000)

  it('one that hangs loses its queries to the others before they time out', async () => {
    const { stock, ask } = await start({ instances: 2, file: { timeouts: { default: 5_000 } } })
    const [one, other] = stock as [SickServer, SickServer]
    await vi.waitFor(() => expect(Math.min(one.probes, other.probes)).toBeGreaterThan(0))
    const stop = askAllTheTime(ask)
    one.behave(() => undefined)
    one.ready = null
    await toBeAsked(one)
    await toBeLeftAlone(one)
    const { failures } = await stop()
    expect(failures).toEqual([])
    expect(one.open).toBe(0)
  }, 20_000)

  it('one that says it is not ready finishes what it has and gets nothing new', async () => {
    const { stock, ask } = await start({ instances: 2, file: { timeouts: { default: 5_000 } } })
    const [one, other] = stock as [SickServer, SickServer]
    let answer: () => void = () => undefined
    one.behave((response, wellAnswer) => {
      answer = () => void wellAnswer().then((text) => send(response, text))
    })
    const asked = [ask('{ a: total }'), ask('{ b: total }')]
    await vi.waitFor(() => expect(one.open).toBe(1))
    one.ready = 503
    const before = one.probes
    await vi.waitFor(() => expect(one.probes).toBeGreaterThan(before), { timeout: 3_000 })
    await new Promise((resolve) => setTimeout(resolve, 50))
    for (let index = 0; index < 6; index++) expect((await ask('{ total }')).errors).toEqual([])
    expect([one.asked.length, other.asked.length]).toEqual([1, 7])
    answer()
    expect((await Promise.all(asked)).flatMap(({ errors }) => errors)).toEqual([])
  }, 20_000)

  it('all that are not ready are asked all the same', async () => {
    const { stock, ask } = await start({ instances: 2 })
    for (const server of stock) server.ready = 503
    const before = stock.map(({ probes }) => probes)
    await vi.waitFor(
      () => stock.forEach(({ probes }, index) => expect(probes).toBeGreaterThan(before[index] ?? 0)),
      { timeout: 3_000 },
    )
    expect((await ask('{ total }')).data).toEqual({ total: 7 })
  })

  it('those without the path to probe are asked a query', async () => {
    const { stock, logged } = await start({ instances: 2 })
    for (const server of stock) server.ready = 404
    const probed = (server: SickServer) => server.asked.filter(({ body }) => body.includes('{ __typename }'))
    await vi.waitFor(() => stock.forEach((one) => expect(probed(one).length).toBeGreaterThan(1)), {
      timeout: 5_000,
    })
    expect(probed(stock[0] as SickServer)[0]?.headers).toHaveProperty('x-internal-identity')
    expect(logged.join('')).not.toContain('an instance is down')
  })
})

describe('a single instance', () => {
  it('is not probed', async () => {
    const { first, ask } = await start({ file: { subgraphs: { probe: { interval: 20 } } } })
    await ask('{ total }')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(first.probes).toBe(0)
  })
})

describe('instances are found', () => {
  it('in a file that changes, and a file that is broken changes nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'instances-'))
    cleanups.push(() => rm(folder, { recursive: true }))
    const file = join(folder, 'stock.yaml')
    const [old, added] = [await startInstance(), await startInstance()]
    await writeFile(file, `- ${old.url}\n`)
    const { ask } = await start({ file: { subgraphs: { instances: { stock: { file } } } } })
    const stop = askAllTheTime(ask)
    await toBeAsked(old)
    expect(added.asked).toEqual([])

    await writeFile(file, `- ${old.url}\n- ${added.url}\n`)
    await Promise.all([toBeAsked(added), toBeAsked(old)])
    await writeFile(file, JSON.stringify([added.url]))
    await toBeLeftAlone(old)
    await writeFile(file, '- nonsense')
    await vi.waitFor(() => expect(graph?.logged.join('')).toContain('could not be looked up'), {
      timeout: 3_000,
    })
    await toBeAsked(added)
    expect((await stop()).failures).toEqual([])
  }, 30_000)

  it('by SRV records of a name server', async () => {
    const [one, other] = [await startInstance(), await startInstance()]
    const names = await startNameServer()
    cleanups.push(() => names.close())
    names.srv = [{ target: 'localhost', port: one.port }]
    const source = {
      srv: '_graphql._tcp.stock.test',
      url: 'http://stock.test/graphql',
      servers: [names.address],
      interval: 100,
    }
    const { ask } = await start({ file: { subgraphs: { instances: { stock: source } } } })
    const stop = askAllTheTime(ask)
    await toBeAsked(one)
    names.srv = [
      { target: 'localhost', port: one.port },
      { target: 'localhost', port: other.port },
    ]
    await toBeAsked(other)
    names.srv = [{ target: 'localhost', port: other.port }]
    await toBeLeftAlone(one)
    // No answer is no reason to forget those that are known.
    names.srv = []
    await toBeAsked(other)
    expect((await stop()).failures).toEqual([])
  }, 30_000)

  it('by the addresses of a host', async () => {
    const one = await startInstance()
    const source = { dns: `http://localhost:${one.port}/graphql` }
    const { ask, first } = await start({ file: { subgraphs: { instances: { stock: source } } } })
    expect((await ask('{ total }')).data).toEqual({ total: 7 })
    expect([one.asked.length, first.asked.length]).toEqual([1, 0])
  })
})
