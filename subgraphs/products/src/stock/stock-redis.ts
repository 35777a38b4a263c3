import type { Redis } from 'ioredis'
import type { Shortage, StockState } from '../domain/reserve.ts'
import type { Asked } from './live-stock.ts'
import { stockChannel, type StockNotice } from './notice.ts'
import { applyScript, askScript } from './scripts.ts'

/**
 * The run of Redis that the copy was built on, as its server calls itself. A restart and a failover make another run, and
 * what they kept of the copy may be old; where the key is gone, so may be the rest.
 */
const signatureKey = 'stock:built-on'

/** How long Redis may take for the answer to a script, in milliseconds: orders wait for it. */
const patienceMs = 300

/** Most SKUs in one command: what comes between must not wait long. */
const chunk = 200

/** The commands of live stock, and how its keys and arguments are written. */
export function createStockRedis(redis: Redis, clock: () => Date) {
  redis.defineCommand('stockAsk', { lua: askScript })
  redis.defineCommand('stockApply', { lua: applyScript })
  const scripts = redis as Redis & StockScripts

  return {
    /** What each order is short of; empty for those that pass. */
    async ask(orders: readonly Asked[]): Promise<Shortage[][]> {
      const skuIds = [...new Set(orders.flatMap(({ lines }) => lines.map(({ skuId }) => skuId)))]
      const placeOf = new Map(skuIds.map((skuId, index) => [skuId, index + 1]))
      const asked = orders.map(({ orderId, lines }) => [
        orderId,
        lines.map(({ skuId, quantity }) => [placeOf.get(skuId), quantity]),
      ])
      const keys = skuIds.flatMap(keysOf)
      const answer = await inTime(scripts.stockAsk(keys.length, ...keys, JSON.stringify(asked)))
      const free = JSON.parse(answer) as (0 | number[])[]
      return orders.map(({ lines }, i) => shortagesOf(lines, free[i] ?? 0))
    },

    /**
     * Takes over states and publishes them to watchers where they are newer; answers with those. `forget`: forgets what any
     * order asked of these SKUs.
     */
    async apply(
      states: readonly StockState[],
      decided: readonly Asked[] = [],
      { forget = false } = {},
    ): Promise<StockState[]> {
      const at = clock().toISOString()
      const entries = new Map<string, Entry>(
        states.map((state) => [state.skuId, { state, decided: [], forget }]),
      )
      for (const { orderId, lines } of decided)
        for (const { skuId } of lines) {
          const entry = entries.get(skuId) ?? { decided: [], forget }
          entry.decided.push(orderId)
          entries.set(skuId, entry)
        }
      const newer: StockState[] = []
      for (const some of chunksOf([...entries])) {
        const keys = some.flatMap(([skuId]) => keysOf(skuId))
        const input = JSON.stringify(some.map(([, entry]) => argumentOf(entry, at)))
        const places = await inTime(scripts.stockApply(keys.length, ...keys, input))
        newer.push(...places.flatMap((place) => some[place - 1]?.[1].state ?? []))
      }
      return newer
    },

    /** The states that Redis has. */
    async read(skuIds: readonly string[]): Promise<StockState[]> {
      const rows = await inTime(
        Promise.all(
          skuIds.map((skuId) => redis.hmget(keysOf(skuId)[0], 'available', 'reserved', 'sold', 'version')),
        ),
      )
      return rows.flatMap((row, index) => stateOf(skuIds[index], row))
    },

    runId,

    /** Says on which run of Redis the copy was built. */
    sign: async (run: string) => void (await redis.set(signatureKey, run)),

    /** True when the copy was built on the run of Redis that answers now, and is there. */
    async isSigned(): Promise<boolean> {
      const [run, signature] = await Promise.all([runId(), redis.get(signatureKey)])
      return run === signature
    },
  }

  async function runId(): Promise<string> {
    const run = /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1]
    if (!run) throw new Error('Redis does not say which run it is')
    return run
  }
}

interface StockScripts {
  stockAsk(...args: (string | number)[]): Promise<string>
  stockApply(...args: (string | number)[]): Promise<number[]>
}

interface Entry {
  state?: StockState
  decided: string[]
  forget: boolean
}

function argumentOf({ state, decided, forget }: Entry, at: string) {
  if (!state) return { decided, forget }
  const { skuId, available, reserved, sold, version } = state
  const notice: StockNotice = { skuId, available, reserved, sold, version, at }
  return {
    decided,
    forget,
    state: [available, reserved, sold, version],
    channel: stockChannel(skuId),
    notice: JSON.stringify(notice),
  }
}

const keysOf = (skuId: string): [string, string] => [`stock:{${skuId}}`, `stock:{${skuId}}:asked`]

const shortagesOf = (lines: Asked['lines'], free: 0 | number[]): Shortage[] =>
  free === 0
    ? []
    : lines
        .map(({ skuId, quantity }, i) => ({
          skuId,
          requested: quantity,
          available: Math.max(free[i] ?? 0, 0),
        }))
        .filter(({ requested, available }) => available < requested)

function stateOf(skuId: string | undefined, row: (string | null)[]): StockState[] {
  const [available, reserved, sold, version] = row
  if (!skuId || !available || !reserved || !sold || !version) return []
  return [
    {
      skuId,
      available: Number(available),
      reserved: Number(reserved),
      sold: Number(sold),
      version: Number(version),
    },
  ]
}

const chunksOf = <Item>(items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / chunk) }, (_, i) => items.slice(i * chunk, (i + 1) * chunk))

/** Gives up on a Redis that hangs, sooner than its connection does. */
async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not answer within ${patienceMs} ms`)), patienceMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
