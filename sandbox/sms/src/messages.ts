import { randomInt } from 'node:crypto'

/** A message that the sandbox "sent". */
export interface SentMessage {
  bizId: string
  /** The sender's own id for it. */
  outId: string
  /** As the provider writes it: 11 digits in the mainland, country code and number elsewhere. */
  phone: string
  signName: string
  templateCode: string
  content: string
  /** ISO 8601. */
  sentAt: string
}

/** What was sent, in memory: the last thousand. Like the real one it sends the same again when asked again. */
export type Messages = ReturnType<typeof createMessages>

const kept = 1_000

export function createMessages() {
  const sent: SentMessage[] = []
  return {
    /** The newest first; only those to a number or with an id when given. */
    list: (only: { phone?: string; outId?: string } = {}): SentMessage[] =>
      sent.filter(
        ({ phone, outId }) =>
          (only.phone === undefined || phone === only.phone) &&
          (only.outId === undefined || outId === only.outId),
      ),
    add(message: Omit<SentMessage, 'bizId'>): SentMessage {
      const added = { ...message, bizId: `${randomInt(1e14, 2e14)}^0` }
      sent.unshift(added)
      sent.splice(kept)
      return added
    },
    clear: () => void sent.splice(0),
  }
}
