export { createBus, type Bus, type BusOptions } from './bus.ts'
export type { BusConsumer, ConsumeOptions } from './consumer.ts'
export { header, signatureOf } from './signature.ts'
export type { TopicPlan } from './topics.ts'
