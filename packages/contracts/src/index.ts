import { eventSchemas } from './schemas.ts'

export * from './events.ts'
export type * from './generated/events.ts'
export { eventSchemas }

/** Where messages go that cannot be trusted or read. */
export const quarantineTopic = 'quarantine'

/** Where a message of a topic goes when it cannot be handled. */
export const deadTopicOf = (topic: string) => `${topic}.dead`

/** Every topic of the contract; `keep` says that its messages are kept for ever. */
export const topics = Object.entries(eventSchemas).map(([name, schema]) => ({
  name,
  keep: schema['x-retention'] === 'forever',
}))
