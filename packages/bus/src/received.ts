import { ContractError, parseEvent, type AnyEvent } from '@mall/contracts'
import type { SecretKey } from '@mall/service/config'
import type { KafkaMessage } from 'kafkajs'
import type { RawMessage } from './producer.ts'
import { distrust } from './signature.ts'

/** A message and where it came from; the topic as the broker calls it. */
export interface Received {
  topic: string
  partition: number
  message: KafkaMessage
}

/** The headers that tell why and from where a message came to a dead-letter topic or to quarantine. */
export const deadHeader = {
  reason: 'x-dead-reason',
  topic: 'x-dead-topic',
  partition: 'x-dead-partition',
  offset: 'x-dead-offset',
  tries: 'x-dead-tries',
} as const

/** The event of a message, or the reason why it can not be trusted or read. `topic` is our name of it. */
export function readTrusted(
  { topic: signedTopic, message }: Received,
  topic: string,
  keys: readonly SecretKey[],
): { event: AnyEvent } | { refusal: string } {
  const value = message.value ?? Buffer.alloc(0)
  const headers = headersOf(message)
  const refusal = distrust({ topic: signedTopic, key: message.key?.toString() ?? '', headers, value }, keys)
  if (refusal !== null) return { refusal }
  try {
    return { event: parseEvent(value, topic) }
  } catch (error) {
    if (error instanceof ContractError) return { refusal: error.reason }
    throw error
  }
}

/** The message as it came, for another topic, with where it came from and why it is there. */
export function copyTo(
  destination: string,
  { topic, partition, message }: Received,
  { reason, tries = 0 }: { reason: string; tries?: number },
): RawMessage {
  const origin = {
    [deadHeader.reason]: reason.slice(0, 1_000),
    [deadHeader.topic]: topic,
    [deadHeader.partition]: String(partition),
    [deadHeader.offset]: message.offset,
    [deadHeader.tries]: String(tries),
  }
  const { key, value } = message
  return { topic: destination, key, value, headers: { ...headersOf(message), ...origin } }
}

/** A message's headers as text. */
export function headersOf(message: KafkaMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
  )
}
