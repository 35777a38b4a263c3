import { randomUUID } from 'node:crypto'
import type { SmsMessage, SmsProvider } from './provider.ts'
import { render } from './templates.ts'

/** Writes messages where `write` does, a console or a log, instead of sending them; for development without a sandbox. */
export function createConsoleProvider(write: (text: string, message: SmsMessage) => void): SmsProvider {
  // Bounded, because a process lives long; only what was written a moment ago is ever asked for.
  const written: string[] = []
  return {
    async send(message) {
      if (!/\d{7}/.test(message.phone.replace(/\D/g, '')))
        return { status: 'REFUSED', reason: 'Not a phone number.', tryAgain: false }
      write(render(message.kind, message.locale, message.params), message)
      written.push(message.id)
      if (written.length > 1_000) written.shift()
      return { status: 'SENT', messageId: randomUUID() }
    },
    wasSent: async ({ id }) => written.includes(id),
  }
}
