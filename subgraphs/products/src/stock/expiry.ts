import type { Logger } from '@mall/service/logger'
import type { StockParticipant } from './participant.ts'

const everyMs = 2_000
const batch = 200

/** Gives back reservations that have run out, for as long as the process lives. Returns how to stop it. */
export function startExpiry(participant: StockParticipant, logger: Logger): () => Promise<void> {
  let stopped = false
  let round: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    round = round.then(async () => {
      try {
        while (!stopped && (await participant.releaseExpired(batch)) === batch);
      } catch (error) {
        logger.error({ error }, 'expired reservations could not be given back yet')
      }
    })
  }, everyMs)
  return async () => {
    stopped = true
    clearInterval(timer)
    await round
  }
}
