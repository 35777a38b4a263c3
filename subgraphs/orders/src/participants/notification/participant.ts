import type { AnyEvent } from '@mall/contracts'
import { noticeKinds, noticeOf } from './notice.ts'
import type { NotificationRepository } from './notification-repository.ts'

/** Writes down what customers are to be told of; the sender does the rest, so that no provider holds up a topic. */
export type NotificationParticipant = ReturnType<typeof createNotificationParticipant>

/** What the participant listens to. */
export const notificationTopics = noticeKinds

/**
 * What happened longer ago is remembered but not told: a group that is new reads topics from their beginning, and nobody
 * wants to hear of last week's parcel.
 */
export const oldNewsMs = 24 * 3_600_000

export function createNotificationParticipant(deps: {
  notifications: NotificationRepository
  /** Without a provider notices are only remembered. */
  hasProvider: boolean
  clock(): Date
}) {
  const { notifications, hasProvider, clock } = deps
  return {
    /** Resolves when all is written down, in one statement. */
    async handle(events: readonly AnyEvent[]): Promise<void> {
      const now = clock()
      const notices = events.flatMap((event) => {
        const notice = noticeOf(event)
        const isNew = now.getTime() - Date.parse(event.occurredAt) < oldNewsMs
        return notice ? [{ ...notice, toSend: hasProvider && isNew }] : []
      })
      if (notices.length > 0) await notifications.insert(notices, now)
    },
  }
}
