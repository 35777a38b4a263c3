import { randomBytes } from 'node:crypto'
import { createMessage, type AnyEvent, type Message } from '@mall/contracts'
import { createLogger } from '@mall/service/logger'
import { createBus, type Bus, type BusOptions } from '../bus.ts'

/** The key that test buses sign with. */
export const testKey = { id: 'test', secret: 'a-secret-of-the-tests' }

/** A namespace that no other test has. */
export const freshNamespace = () => `bus-test-${randomBytes(4).toString('hex')}.`

/** A bus for tests: short patience, and silent, as failures are provoked. */
export const createTestBus = (brokers: readonly string[], options: Partial<BusOptions> = {}): Promise<Bus> =>
  createBus({
    brokers,
    clientId: 'bus-test',
    signingKeys: [testKey],
    region: 'test',
    logger: createLogger({ name: 'bus-test', level: 'silent' }),
    patience: { maxDelayMs: 20, maxTriesTogether: 2, maxTries: 4 },
    ...options,
  })

/** A message of the contract for an order; `reason` tells one from another. */
export const release = (
  orderId: number,
  reason = 'a test',
  correlationId = 'story',
): Message<'stock-release'> =>
  createMessage('stock-release', { orderId: String(orderId), reason }, { correlationId })

/** `orderId:reason` of events made by `release`. */
export const labelOf = (event: AnyEvent): string =>
  event.type === 'stock-release' ? `${event.data.orderId}:${event.data.reason}` : event.type

/** Waits until something holds, and says what is there instead when it never does. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 10_000) {
  const deadline = Date.now() + withinMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
