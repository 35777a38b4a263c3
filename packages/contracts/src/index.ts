import { eventSchemas } from './schemas.ts'

export * from './events.ts'
export type * from './generated/events.ts'
export { eventSchemas }

/** Where messages go that cannot be trusted or read. */
export const quarantineTopic = 'quarantine'

/** Where a message of a topic goes when it cannot be handled. */
export const deadTopicOf = (topic: string) => `${topic}.dead`

/** Every topic of the contract. */
export const topics = Object.keys(eventSchemas)
