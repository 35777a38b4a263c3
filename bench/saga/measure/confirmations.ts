import { createBatcher } from '@mall/service/batcher'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { RunningSide } from '../stage.ts'

/** Waits for orders to be confirmed, as a watcher does: woken through Redis, then the order is read. */
export interface Confirmations {
  until(orderId: string): Promise<void>
  close(): Promise<void>
}

const channelPrefix = 'order-changed:'

/** What is woken together is read together, so that watching costs the side little. */
export async function openConfirmations({ redis: url, databases }: RunningSide): Promise<Confirmations> {
  const redis = new Redis(url)
  const pool = new pg.Pool({ connectionString: databases.orders, max: 2 })
  const waiting = new Map<string, PromiseWithResolvers<void>>()
  const enqueue = createBatcher<string, void>({ run: lookAll })
  const look = (id: string) => enqueue(id).catch((error: unknown) => waiting.get(id)?.reject(error))
  redis.on('pmessage', (_pattern: string, channel: string) => {
    const id = channel.slice(channelPrefix.length)
    if (waiting.has(id)) void look(id)
  })
  await redis.psubscribe(`${channelPrefix}*`)

  return {
    async until(orderId) {
      const confirmed = Promise.withResolvers<void>()
      waiting.set(orderId, confirmed)
      // It may have been confirmed before we knew its id.
      void look(orderId)
      await confirmed.promise
    },
    async close() {
      redis.disconnect()
      await pool.end()
    },
  }

  async function lookAll(ids: string[]): Promise<undefined[]> {
    const { rows } = await pool.query<{ id: string; status: string }>({
      name: 'look',
      text: `select id::text as id, status from "order" where id = any($1::bigint[]) and status in ('CONFIRMED', 'CANCELLED')`,
      values: [[...new Set(ids)]],
    })
    for (const { id, status } of rows) {
      if (status === 'CONFIRMED') waiting.get(id)?.resolve()
      else waiting.get(id)?.reject(new Error(`Order ${id} was cancelled`))
      waiting.delete(id)
    }
    return ids.map(() => undefined)
  }
}
