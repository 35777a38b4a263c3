import { describe, expect, it } from 'vitest'
import type { LoadFigures, Repeated } from './ratios.ts'
import { ratioRows } from './rows.ts'

const figures = (change: Partial<LoadFigures>): LoadFigures => ({
  accepted: 100,
  completed: 100,
  commits: 7,
  writing: 6,
  walBytes: 8_000,
  postgresMs: 2,
  workersMs: 2,
  systemMs: 4,
  cores: {},
  ...change,
})

const rowsOf = (ours: Partial<LoadFigures>[]) => {
  const repeated: Repeated = {
    ours: ours.map(figures),
    transaction: ours.map(() => figures({})),
    statement: ours.map(() => figures({})),
  }
  return new Map(ratioRows(repeated).map((row) => [row.measure, row]))
}

describe('a row of ratios', () => {
  it('meets its goal only when it does against both chains', () => {
    expect(rowsOf([{ accepted: 800 }]).get('orders accepted/s')?.isMet).toBe(true)
    expect(rowsOf([{ accepted: 799 }]).get('orders accepted/s')?.isMet).toBe(false)
  })

  it('says how much less something costs', () => {
    const row = rowsOf([{ commits: 0.28 }]).get('commits per order')
    expect(row).toMatchObject({ ratio: '−96 %; −96 %', isMet: true })
  })

  it('shows the median and the range of the repetitions', () => {
    const row = rowsOf([{ completed: 300 }, { completed: 700 }, { completed: 500 }]).get('orders completed/s')
    expect(row).toMatchObject({ ours: '500 (300–700)', ratio: '5.00 (3.00–7.00)×; 5.00 (3.00–7.00)×' })
  })
})
