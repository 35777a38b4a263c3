import { describe, expect, it } from 'vitest'
import { describeBottleneck } from './bottleneck.ts'

describe('the bottleneck', () => {
  it('is a process whose one thread is busy', () => {
    expect(describeBottleneck('ours', { orders: 0.95, PostgreSQL: 0.3 })).toContain(
      'the one thread of orders',
    )
  })

  it('is not CPU while the cores idle', () => {
    expect(describeBottleneck('ours', { orders: 0.1, PostgreSQL: 0.2 })).toContain('it waits')
  })

  it('comes with a warning when other programs took CPU', () => {
    expect(describeBottleneck('ours', { orders: 0.1, others: 0.5 })).toContain('the figures are spoilt')
  })
})
