import { describe, expect, it } from 'vitest'
import { createMetrics, exposeCounts } from './metrics.ts'

describe('counts that are kept elsewhere', () => {
  it('are offered as they are at the moment of the question', async () => {
    const counts = { published: { 'order-placed': 2 }, dead: {} }
    const metrics = createMetrics()
    exposeCounts(metrics, { name: 'messages_total', help: 'Messages.', read: () => counts })
    expect(await metrics.getSingleMetricAsString('messages_total')).toContain(
      'messages_total{kind="published",topic="order-placed"} 2',
    )
    counts.published['order-placed'] = 3
    expect(await metrics.getSingleMetricAsString('messages_total')).toContain('} 3')
  })
})
