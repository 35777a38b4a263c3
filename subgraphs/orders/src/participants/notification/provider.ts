import type { NoticeKind } from './notice.ts'
import type { NoticeLocale } from './templates.ts'

/** A text message. `id` is ours, the same however often it is tried. */
export interface SmsMessage {
  id: string
  phone: string
  kind: NoticeKind
  locale: NoticeLocale
  params: Record<string, string>
}

/** How sending ended: taken by the provider, or refused; trying again helps unless the fault lies in the message. */
export type SmsResult =
  { status: 'SENT'; messageId: string } | { status: 'REFUSED'; reason: string; tryAgain: boolean }

/**
 * A way to send text messages. **Sending twice may reach the customer twice**: providers do not recognise a message that
 * they have had. Who does not know how an attempt ended asks `wasSent` before the next.
 */
export interface SmsProvider {
  /** Throws when it is not known whether the message was taken. */
  send(message: SmsMessage): Promise<SmsResult>
  /** Whether the provider took the message between then and now. Throws when that cannot be told. */
  wasSent(message: SmsMessage, since: Date, now: Date): Promise<boolean>
}
