import { afterEach, describe, expect, it } from 'vitest'
import { startSickGraph } from './sick-graph.ts'
import { send, well, type Behaviour, type SickServer } from './sick-server.ts'

let graph: Awaited<ReturnType<typeof startSickGraph>> | undefined
afterEach(async () => {
  await graph?.close()
  graph = undefined
})

async function start(...options: Parameters<typeof startSickGraph>) {
  graph = await startSickGraph(...options)
  return graph
}

const unwell: readonly (readonly [string, Behaviour])[] = [
  ['502', (response) => send(response, '', 502)],
  ['503', (response) => send(response, '', 503)],
  ['504', (response) => send(response, '', 504)],
  ['a reset', (response) => response.socket?.resetAndDestroy()],
]

/** Misbehaves the first times. */
function atFirst(server: SickServer, times: number, behaviour: Behaviour): void {
  let left = times
  server.behave((...request) => (left-- > 0 ? behaviour : well)(...request))
}

describe('a query', () => {
  it.each(unwell)('is sent again after %s, with the same deadline', async (_what, behaviour) => {
    const { first, ask } = await start()
    atFirst(first, 1, behaviour)
    expect((await ask('{ total }')).data).toEqual({ total: 7 })
    expect(first.asked).toHaveLength(2)
    const [one, other] = first.asked
    expect(other?.body).toBe(one?.body)
    expect(other?.headers['x-deadline']).toBe(one?.headers['x-deadline'])
  })

  it('is sent again as often as configured, and no more', async () => {
    const { first, ask } = await start({ file: { subgraphs: { retries: 2 } } })
    atFirst(first, 2, (response) => send(response, '', 503))
    expect((await ask('{ total }')).errors).toEqual([])
    atFirst(first, 3, (response) => send(response, '', 503))
    expect((await ask('{ total }')).errors).toEqual(['total: UNAVAILABLE'])
    expect(first.asked).toHaveLength(6)
  })

  it('is not sent again after an answer of the subgraph itself, nor after its deadline', async () => {
    const { first, ask } = await start()
    first.behave((response) => send(response, '', 500))
    expect((await ask('{ total }')).errors).toEqual(['total: UNAVAILABLE'])
    first.behave(() => undefined)
    expect((await ask('{ total }')).errors).toEqual(['total: TIMEOUT'])
    expect(first.asked).toHaveLength(2)
  })

  it('is not sent again when the budget is used up: a sick subgraph is not stormed', async () => {
    const { first, ask } = await start({
      file: { subgraphs: { retryBudget: 0.1, breaker: { minimum: 10_000 } } },
    })
    first.behave((response) => send(response, '', 503))
    await Promise.all(Array.from({ length: 200 }, (_, index) => ask(`{ t${index}: total }`)))
    // 200, 20 saved up, and a tenth of 200 (the last of which may come when nobody needs it any more).
    expect(first.asked.length).toBeGreaterThan(200)
    expect(first.asked.length).toBeLessThanOrEqual(240)
  })
})

describe('a mutation', () => {
  it.each(unwell)('is sent once, whatever happens: %s', async (_what, behaviour) => {
    const { stock, ask } = await start({ instances: 2, file: { subgraphs: { retries: 2, probe: false } } })
    for (const server of stock) server.behave(behaviour)
    expect((await ask('mutation { restock }')).errors).toEqual(['restock: UNAVAILABLE'])
    expect(stock.flatMap(({ asked }) => asked)).toHaveLength(1)
  })

  it('is not sent to another instance when one refuses the connection', async () => {
    const { stock, ask } = await start({ instances: 2, file: { subgraphs: { probe: false } } })
    const [dead, living] = stock
    await dead?.kill()
    const codes = [await ask('mutation { restock }'), await ask('mutation { restock }')].map(
      ({ errors }) => errors,
    )
    // In turns: one of them met the dead one.
    expect(codes.toSorted()).toEqual([[], ['restock: UNAVAILABLE']])
    expect(living?.asked).toHaveLength(1)
    await dead?.start()
  })
})

describe('a circuit breaker', () => {
  it('refuses at once what would hang, and asks again when the pause is over', async () => {
    const breaker = { minimum: 5, pause: 500 }
    const { first, ask } = await start({ file: { timeouts: { default: 200 }, subgraphs: { breaker } } })
    first.behave(() => undefined)
    const hung = await Promise.all(Array.from({ length: 5 }, (_, index) => ask(`{ t${index}: total }`)))
    expect(new Set(hung.map(({ errors }) => errors[0]?.split(': ')[1]))).toEqual(new Set(['TIMEOUT']))

    const refused = await ask('{ total items { name } }')
    expect(refused.errors).toEqual(['total: UNAVAILABLE'])
    expect(refused.data).toEqual({ total: null, items: [{ name: 'Pen' }, { name: 'Ink' }] })
    expect(refused.ms).toBeLessThan(100)
    expect((await ask('mutation { restock }')).errors).toEqual(['restock: UNAVAILABLE'])
    expect(first.asked).toHaveLength(5)

    first.behave(well)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect((await ask('{ total }')).data).toEqual({ total: 7 })
    expect((await ask('{ total }')).data).toEqual({ total: 7 })
  })

  it('is not opened by clients that leave', async () => {
    const { first, ask } = await start({ file: { subgraphs: { breaker: { minimum: 2 } } } })
    first.behave(() => undefined)
    for (let index = 0; index < 5; index++)
      await expect(ask(`{ t${index}: total }`, AbortSignal.timeout(20))).rejects.toThrow()
    first.behave(well)
    expect((await ask('{ total }')).errors).toEqual([])
  })

  it('of one instance leaves the others alone', async () => {
    const subgraphs = { probe: false, retries: 1, breaker: { minimum: 2, pause: 60_000 } }
    const { stock, ask } = await start({ instances: 2, file: { subgraphs } })
    const [sick, healthy] = stock
    sick?.behave((response) => send(response, '', 503))
    for (let index = 0; index < 20; index++) expect((await ask('{ total }')).errors).toEqual([])
    expect(sick?.asked.length).toBeLessThan(5)
    expect(healthy?.asked).toHaveLength(20)
  })
})
