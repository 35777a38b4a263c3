import type { Redis } from 'ioredis'

/** Cuts the connections that subscribe from the database that `redisUrl` names, and no other test's. */
export async function dropSubscribers(redis: Redis, redisUrl: string): Promise<void> {
  const database = new URL(redisUrl).pathname.slice(1)
  const clients = String(await redis.call('client', 'list', 'type', 'pubsub')).split('\n')
  for (const client of clients) {
    const id = /\bid=(\d+)/.exec(client)?.[1]
    if (id && client.includes(` db=${database} `)) await redis.call('client', 'kill', 'id', id)
  }
}
