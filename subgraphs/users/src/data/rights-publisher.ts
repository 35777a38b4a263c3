import { createBatcher } from '@mall/service/batcher'
import type { Logger } from '@mall/service/logger'
import type { Redis } from '@mall/service/redis'
import { RIGHTS_KEY, publishRights } from '@mall/service/rights'
import type { RightsRepository } from './rights-repository.ts'

export interface RightsPublisher {
  /** Tells all readers what rights are now. Never fails: what could not be told is told as soon as Redis is back. */
  publish(): Promise<void>
  stop(): void
}

/** How often Redis is looked at for having lost the snapshot, in milliseconds. */
const WATCH_INTERVAL_MS = 1_000

/** Publishes on start, on every change, and when Redis comes back or has lost the snapshot. */
export function createRightsPublisher({
  repository,
  redis,
  accessSeconds,
  logger,
  clock,
}: {
  readonly repository: RightsRepository
  readonly redis: Redis
  readonly accessSeconds: number
  readonly logger: Logger
  readonly clock: () => Date
}): RightsPublisher {
  let pending = true
  const publishOnce = createBatcher<null, null>({
    concurrency: 1,
    maxItems: Number.MAX_SAFE_INTEGER,
    run: async (calls) => {
      await publishRights(redis, await repository.loadSnapshot(accessSeconds, clock()))
      pending = false
      return calls
    },
  })

  async function publish(): Promise<void> {
    pending = true
    try {
      await publishOnce(null)
    } catch (error) {
      logger.error({ error }, 'the rights could not be published; trying again')
    }
  }

  async function watch(): Promise<void> {
    if (redis.status !== 'ready') return
    try {
      if (pending || (await redis.exists(RIGHTS_KEY)) === 0) await publish()
    } catch (error) {
      logger.warn({ error }, 'Redis could not be asked for the rights')
    }
  }

  const onReady = () => void publish()
  redis.on('ready', onReady)
  const timer = setInterval(() => void watch(), WATCH_INTERVAL_MS).unref()
  return {
    publish,
    stop() {
      clearInterval(timer)
      redis.off('ready', onReady)
    },
  }
}
