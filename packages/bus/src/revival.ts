import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@mall/service/logger'
import type { Consumer } from 'kafkajs'

/** What of kafkajs's consumer is needed to bring it back. */
export type Revivable = Pick<Consumer, 'events' | 'on'>

/**
 * Runs a consumer again that kafkajs has given up. It does so by itself only after errors that it takes for passing,
 * and a broker that is just starting provokes others, such as KafkaJSGroupCoordinatorNotFound: without this, one
 * restart of the broker could silence a group until somebody restarts its process.
 */
export function reviveAfterCrash(
  consumer: Revivable,
  run: () => Promise<void>,
  options: { signal: AbortSignal; logger: Logger; delayMs?: number },
): void {
  const { signal, logger, delayMs = 1_000 } = options
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) void revive()
  })

  async function revive(): Promise<void> {
    for (;;) {
      await sleep(delayMs, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      try {
        await run()
        return
      } catch (error) {
        logger.error({ error }, 'a crashed consumer could not be started again yet')
      }
    }
  }
}
