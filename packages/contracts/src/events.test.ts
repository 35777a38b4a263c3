import { describe, expect, it } from 'vitest'
import { ContractError, createMessage, parseEvent } from './index.ts'

const release = () => createMessage('stock-release', { orderId: '12', reason: 'the card was refused' })
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value))

describe('an event', () => {
  it('survives the way to bytes and back', () => {
    const { event, key, topic } = release()
    expect(parseEvent(bytes(event), topic)).toEqual(event)
    expect(key).toBe('12')
  })

  it('carries on the story of what caused it', () => {
    const cause = release().event
    const { event } = createMessage('stock-released', { orderId: '12', reason: 'asked' }, { cause })
    expect(event).toMatchObject({ correlationId: cause.correlationId, causationId: cause.id })
  })

  it.each([
    ['is not JSON', Buffer.from('{'), 'it is not JSON'],
    ['has no envelope', bytes({ orderId: '12' }), 'its envelope lacks a field'],
    [
      'is on the topic of another type',
      bytes({ ...release().event, type: 'stock-released' }),
      'is not its topic',
    ],
    ['has a newer version', bytes({ ...release().event, version: 2 }), 'version 2'],
    [
      'lacks a field',
      bytes({ ...release().event, data: { orderId: '12' } }),
      "must have required property 'reason'",
    ],
    [
      'has a field of the wrong form',
      bytes({ ...release().event, data: { orderId: 'x', reason: '' } }),
      '/orderId',
    ],
  ])('is refused when it %s', (_, message, reason) => {
    expect(() => parseEvent(message, 'stock-release')).toThrow(ContractError)
    expect(() => parseEvent(message, 'stock-release')).toThrow(reason)
  })
})
