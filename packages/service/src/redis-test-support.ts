import type { Redis } from 'ioredis'

/** Cuts the connections that subscribe from one database of the test's Redis, and no other test's. */
export async function dropSubscribers(redis: Redis, database: number): Promise<void> {
  const clients = String(await redis.call('client', 'list', 'type', 'pubsub')).split('\n')
  for (const client of clients) {
    const id = /\bid=(\d+)/.exec(client)?.[1]
    if (id && client.includes(` db=${database} `)) await redis.call('client', 'kill', 'id', id)
  }
}
