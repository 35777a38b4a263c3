import type { Logger } from '@mall/service/logger'
import type { Config } from '../../config.ts'
import type { Database } from '../../data/database.ts'
import { createAliyunProvider } from './aliyun-provider.ts'
import { createConsoleProvider } from './console-provider.ts'
import { noticeId } from './notice.ts'
import { createNotificationRepository } from './notification-repository.ts'
import { createNotificationParticipant } from './participant.ts'
import type { SmsProvider } from './provider.ts'
import { createOrderRecipients } from './recipients.ts'
import { createNotificationSender, startNotificationSender } from './sender.ts'

/** How often the sender looks, in milliseconds. */
const lookEveryMs = 500

/** Puts the participant and its sender together. */
export function createNotifications(deps: {
  config: Config['sms']
  db: Database
  clock(): Date
  logger: Logger
}) {
  const { config, db, clock, logger } = deps
  const notifications = createNotificationRepository(db)
  const provider = providerOf(config, logger)
  return {
    participant: createNotificationParticipant({ notifications, hasProvider: provider !== null, clock }),

    /** Sends until the returned function is called. Does nothing without a provider. */
    startSending(): () => Promise<void> {
      if (!provider) return async () => {}
      const sender = createNotificationSender({
        notifications,
        recipients: createOrderRecipients(db),
        provider,
        clock,
        maxAttempts: config.maxAttempts,
        retryAfterMs: config.retryAfterMs,
        giveUp: (notice, reason) =>
          logger.error(
            { notice: noticeId(notice), attempts: notice.attempts, reason },
            'a customer could not be told and will not be',
          ),
      })
      return startNotificationSender(sender, { everyMs: lookEveryMs, logger })
    },
  }
}

function providerOf(config: Config['sms'], logger: Logger): SmsProvider | null {
  switch (config.provider) {
    case 'none':
      return null
    case 'console':
      return createConsoleProvider((text, { id, phone }) => logger.info({ id, phone }, text))
    case 'aliyun':
      return createAliyunProvider(config.aliyun)
  }
}
