import type { Bus } from '@mall/bus'
import { createMessage, topics } from '@mall/contracts'
import type { Logger } from '@mall/service/logger'
import type { AnnounceRights } from '../rights.ts'

export interface RightsEvents {
  readonly announce: AnnounceRights
  /** Waits for what is being sent and leaves the broker. */
  close(): Promise<void>
}

/**
 * Sends `rights-changed` without making anybody wait: who enforces rights learns of them through Redis, this event is
 * for those who want to know, and a broker that is down must not keep an admin from taking a right away. It is only
 * connected to when there is something to send, as rights seldom change.
 */
export function createRightsEvents(connect: () => Promise<Bus>, logger: Logger): RightsEvents {
  let bus: Promise<Bus> | null = null
  let sending: Promise<void> = Promise.resolve()

  return {
    announce(subject, subjectId) {
      const message = createMessage('rights-changed', { subject, subjectId })
      // One after the other, so that two changes of one subject arrive in their order.
      sending = sending
        .then(async () => (await connected()).publish([message]))
        .catch((error: unknown) => {
          logger.error({ error, subject, subjectId }, 'the event of a change of rights was lost')
        })
    },
    async close() {
      await sending
      await (await bus)?.close()
    },
  }

  function connected(): Promise<Bus> {
    bus ??= open().catch((error: unknown) => {
      bus = null
      throw error
    })
    return bus
  }

  async function open(): Promise<Bus> {
    const opened = await connect()
    await opened.ensureTopics(topics.filter(({ name }) => name === 'rights-changed'))
    return opened
  }
}
