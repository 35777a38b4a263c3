import type { Logger } from '@mall/service/logger'

/** Looks for what is stuck. */
export interface Sweep {
  /** Drives on up to `limit`; returns how many there were. */
  sweep(limit: number): Promise<number>
}

/** Looks for what is stuck for as long as the process lives. Returns how to stop it. */
export function startSweeper(
  { sweep }: Sweep,
  options: { everyMs: number; logger: Logger; /** @default 200 */ batch?: number },
): () => Promise<void> {
  const { batch = 200 } = options
  const stopped = new AbortController()
  let round = Promise.resolve()
  const timer = setInterval(() => {
    round = round.then(async () => {
      try {
        while (!stopped.signal.aborted && (await sweep(batch)) === batch);
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
