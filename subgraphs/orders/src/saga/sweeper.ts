import type { Logger } from '@mall/service/logger'
import type { SagaManager } from './manager.ts'

/** Looks for stuck orders for as long as the process lives. Returns how to stop it. */
export function startSweeper(
  saga: SagaManager,
  options: { everyMs: number; logger: Logger },
): () => Promise<void> {
  const stopped = new AbortController()
  let round = Promise.resolve()
  const timer = setInterval(() => {
    round = round.then(async () => {
      try {
        while (!stopped.signal.aborted && (await saga.sweep(batch)) === batch);
      } catch (error) {
        options.logger.error({ error }, 'the sweep failed and will be tried again')
      }
    })
  }, options.everyMs)
  return async () => {
    stopped.abort()
    clearInterval(timer)
    await round
  }
}

const batch = 200
