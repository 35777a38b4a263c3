import type { Logger } from '@mall/service/logger'
import { noticeId } from './notice.ts'
import type { ClaimedNotice, NotificationRepository, Outcome } from './notification-repository.ts'
import type { SmsMessage, SmsProvider } from './provider.ts'
import type { Recipients } from './recipients.ts'
import { localeOf, paramsOf } from './templates.ts'

/** Sends what has been written down. Any number of processes may do so at once. */
export type NotificationSender = ReturnType<typeof createNotificationSender>

/** How long a sender keeps what it has taken on: longer than all calls of one attempt take together. */
export const claimMs = 60_000

export function createNotificationSender(deps: {
  notifications: NotificationRepository
  recipients: Recipients
  provider: SmsProvider
  clock(): Date
  /** Somebody was not told and will not be. */
  giveUp(notice: ClaimedNotice, reason: string): void
  /** After how many attempts a message is given up. */
  maxAttempts: number
  /** How long after the first attempt the second follows; then twice as long each time. */
  retryAfterMs: number
}) {
  const { notifications, recipients, provider, clock, giveUp, maxAttempts, retryAfterMs } = deps
  return {
    /** Tries what is due, at most `limit` at once; answers with how many that were. */
    async sendDue(limit: number): Promise<number> {
      const now = clock()
      const claimed = await notifications.claim({
        now,
        until: new Date(now.getTime() + claimMs),
        limit,
      })
      if (claimed.length === 0) return 0
      const phones = await recipients.phones(claimed.map(({ orderId }) => orderId))
      const outcomes = await Promise.all(claimed.map((notice) => attempt(notice, phones.get(notice.orderId))))
      await notifications.settle(outcomes, clock())
      for (const outcome of outcomes) if (outcome.status === 'FAILED') giveUp(outcome.notice, outcome.error)
      return claimed.length
    },
  }

  async function attempt(notice: ClaimedNotice, phone: string | undefined): Promise<Outcome> {
    // Nobody who was told of the end should then be told of the beginning.
    if (notice.isOvertaken) return { notice, status: 'RECORDED', error: 'The order is cancelled by now.' }
    // The order may be younger in our eyes than its event, should it live elsewhere one day.
    if (phone === undefined) return failed(notice, 'The order is not known.', { isUncertain: false })
    try {
      const message = messageOf(notice, phone)
      const { uncertainSince } = notice
      if (uncertainSince !== null && (await provider.wasSent(message, uncertainSince, clock())))
        return { notice, status: 'SENT', messageId: null }
      const result = await provider.send(message)
      if (result.status === 'SENT') return { notice, ...result }
      if (!result.tryAgain) return { notice, status: 'FAILED', error: result.reason }
      return failed(notice, result.reason, { isUncertain: false })
    } catch (error) {
      return failed(notice, describe(error), { isUncertain: true })
    }
  }

  function failed(notice: ClaimedNotice, error: string, { isUncertain }: { isUncertain: boolean }): Outcome {
    if (notice.attempts >= maxAttempts) return { notice, status: 'FAILED', error }
    const waitMs = retryAfterMs * 2 ** (notice.attempts - 1)
    return {
      notice,
      status: 'PENDING',
      error,
      isUncertain,
      nextAttemptAt: new Date(clock().getTime() + waitMs),
    }
  }
}

/** Sends for as long as the process lives. Returns how to stop it. */
export function startNotificationSender(
  sender: NotificationSender,
  options: { everyMs: number; logger: Logger },
): () => Promise<void> {
  const stopped = new AbortController()
  let round: Promise<void> | null = null
  const timer = setInterval(() => {
    round ??= run().finally(() => (round = null))
  }, options.everyMs)
  return async () => {
    stopped.abort()
    clearInterval(timer)
    await round
  }

  async function run(): Promise<void> {
    try {
      while (!stopped.signal.aborted && (await sender.sendDue(atOnce)) === atOnce);
    } catch (error) {
      options.logger.error({ error }, 'text messages could not be sent and will be tried again')
    }
  }
}

/** Calls to the provider at the same time, per process. */
const atOnce = 20

function messageOf(notice: ClaimedNotice, phone: string): SmsMessage {
  const locale = localeOf(phone)
  return { id: noticeId(notice), phone, kind: notice.kind, locale, params: paramsOf(notice, locale) }
}

const describe = (error: unknown) =>
  (error instanceof Error
    ? [error.message, error.cause instanceof Error ? error.cause.message : ''].filter(Boolean).join(' ')
    : 'Unknown.'
  ).slice(0, 500)
