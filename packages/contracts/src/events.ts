import { randomUUID } from 'node:crypto'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { EventData } from './generated/events.ts'
import { eventSchemas } from './schemas.ts'

/** The name of an event or command; its topic has the same name. */
export type EventType = keyof EventData

/** What stands around every event's data. */
export interface Envelope<T extends EventType = EventType> {
  /** Unique per event; a redelivered event keeps its id. */
  readonly id: string
  readonly type: T
  readonly version: number
  /** RFC 3339, UTC. */
  readonly occurredAt: string
  /** The same for all events of one story: the order's trace. */
  readonly correlationId: string
  /** Id of the event that led to this one; null for the first. */
  readonly causationId: string | null
  readonly data: EventData[T]
}

/** Any event, told apart by `type`. */
export type AnyEvent = { [T in EventType]: Envelope<T> }[EventType]

/** An event with the topic and key it travels under. */
export interface Message<T extends EventType = EventType> {
  readonly topic: T
  readonly key: string
  readonly event: Envelope<T>
}

/** Thrown when bytes are not an event of the contract; `reason` says which rule they break. Never worth a retry. */
export class ContractError extends Error {
  readonly retriable = false
  readonly reason: string
  constructor(reason: string) {
    super(`Not an event of the contract: ${reason}`)
    this.name = 'ContractError'
    this.reason = reason
  }
}

/** What an event answers to; without a cause it begins a story of its own. */
export interface Cause {
  readonly id: string
  readonly correlationId: string
}

/** Makes the message of an event: envelope, topic and key, the key read from the field that the schema's `x-key` names. */
export function createMessage<T extends EventType>(
  type: T,
  data: EventData[T],
  options: { cause?: Cause; correlationId?: string; now?: Date } = {},
): Message<T> {
  const schema = eventSchemas[type]
  if (!schema) throw new Error(`No schema for event ${type}`)
  const event: Envelope<T> = {
    id: randomUUID(),
    type,
    version: schema['x-version'],
    occurredAt: (options.now ?? new Date()).toISOString(),
    correlationId: options.cause?.correlationId ?? options.correlationId ?? randomUUID(),
    causationId: options.cause?.id ?? null,
    data,
  }
  return { topic: type, key: keyOf(data, schema['x-key']), event }
}

/** Reads an event from a message's bytes and checks it against the schema of its topic. Throws ContractError. */
export function parseEvent(bytes: Uint8Array, topic: string): AnyEvent {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    throw new ContractError('it is not JSON')
  }
  if (!isEnvelope(value)) throw new ContractError('its envelope lacks a field')
  if (value.type !== topic) throw new ContractError(`its type "${value.type}" is not its topic "${topic}"`)
  const known = validators.get(topic)
  if (!known) throw new ContractError(`type "${topic}" is unknown`)
  if (value.version !== known.version)
    throw new ContractError(`version ${value.version} of "${topic}" is not known here, only ${known.version}`)
  if (!known.validate(value.data)) throw new ContractError(describe(known.validate))
  return value
}

const ajv = new Ajv2020({ strict: true, strictSchema: false, allErrors: false })
const validators = new Map(
  Object.entries(eventSchemas).map(([type, schema]) => [
    type,
    { version: schema['x-version'], validate: ajv.compile(schema) },
  ]),
)

function isEnvelope(value: unknown): value is AnyEvent {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Record<string, unknown>
  return (
    ['id', 'type', 'occurredAt', 'correlationId'].every((name) => typeof fields[name] === 'string') &&
    (fields['causationId'] === null || typeof fields['causationId'] === 'string') &&
    typeof fields['version'] === 'number' &&
    'data' in fields
  )
}

function keyOf(data: object, field: string): string {
  const key: unknown = Reflect.get(data, field)
  if (typeof key !== 'string') throw new Error(`The key field ${field} is missing`)
  return key
}

function describe(validate: ValidateFunction): string {
  const fault = validate.errors?.[0]
  return fault ? `data${fault.instancePath} ${fault.message ?? 'is wrong'}` : 'its data is wrong'
}
