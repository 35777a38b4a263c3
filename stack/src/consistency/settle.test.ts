import { describe, expect, it } from 'vitest'
import type { Fault, Findings } from './index.ts'
import { settle } from './settle.ts'

const fault = (subject: string): Fault => ({ rule: 'a rule', subject, expected: '1', actual: '2' })
const findings = (moving: number, ...subjects: string[]): Findings => ({
  orders: 1,
  skus: 1,
  moving,
  needAttention: [],
  faults: subjects.map(fault),
})

/** Gives one look after the other, the last one again and again. */
function looksOf(...looks: [Findings, ...Findings[]]) {
  let count = 0
  return async () => looks[Math.min(count++, looks.length - 1)] ?? looks[0]
}

describe('waiting until all is well', () => {
  it('ends at the first look that finds nothing', async () => {
    const look = looksOf(findings(2, 'a'), findings(1), findings(0))
    expect(await settle(look, { patienceMs: 1_000, everyMs: 1 })).toEqual(findings(0))
  })

  it('reports what was wrong at every look', async () => {
    const look = looksOf(findings(1, 'a', 'b'), findings(1, 'b', 'c'))
    expect((await settle(look, { patienceMs: 20, everyMs: 1 })).faults).toEqual([fault('b')])
  })

  it('reports orders that still move when nothing is wrong', async () => {
    const result = await settle(looksOf(findings(3, 'a'), findings(2, 'b')), { patienceMs: 20, everyMs: 1 })
    expect(result).toMatchObject({ moving: 2, faults: [] })
  })
})
