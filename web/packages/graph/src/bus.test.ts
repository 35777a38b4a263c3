import { describe, expect, it } from 'vitest'
import { createBus } from './bus.ts'

describe('the bus', () => {
  it('brings an event to those who listen to its type, until they stop', () => {
    const bus = createBus()
    const heard: number[] = []
    const stop = bus.on('cart/changed', ({ units }) => heard.push(units))
    bus.emit({ type: 'cart/changed', payload: { units: 1 } })
    bus.emit({ type: 'cart/add', payload: { skuId: 's', quantity: 1 } })
    stop()
    bus.emit({ type: 'cart/changed', payload: { units: 2 } })
    expect(heard).toEqual([1])
  })
})
