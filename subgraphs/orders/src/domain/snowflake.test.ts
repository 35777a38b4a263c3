import { describe, expect, it } from 'vitest'
import { createSnowflake, maxRollbackMs, snowflakeEpoch, type IdRange, type Snowflake } from './snowflake.ts'

const noon = Date.UTC(2026, 0, 1, 12)
const timeOf = (id: bigint | null) => Number((id ?? 0n) >> 22n) + snowflakeEpoch

describe('ids of one worker', () => {
  it('grow, carry their time and worker, and borrow the next millisecond when 4,096 are spent', () => {
    const ids = createSnowflake({ workerId: 5, from: noon, until: noon + 1_000 }, () => noon)
    const issued = Array.from({ length: 4_097 }, () => ids.next() ?? 0n)
    expect(issued.every((id, i) => i === 0 || id > (issued[i - 1] ?? id))).toBe(true)
    expect([timeOf(issued[0] ?? 0n), timeOf(issued[4_096] ?? 0n)]).toEqual([noon, noon + 1])
    expect(Number(((issued[0] ?? 0n) >> 12n) & 1_023n)).toBe(5)
  })

  it('go on when the clock runs back a little, and stop when it runs back far', () => {
    let now = noon + 60_000
    const ids = createSnowflake({ workerId: 1, from: noon, until: noon + 90_000 }, () => now)
    const before = ids.next() ?? 0n
    now -= maxRollbackMs
    expect(ids.next()).toBeGreaterThan(before)
    now -= 1
    expect(ids.next()).toBeNull()
  })

  it('stay inside the range that was granted', () => {
    let now = noon
    const ids = createSnowflake({ workerId: 1, from: noon + 50, until: noon + 100 }, () => now)
    expect(timeOf(ids.next())).toBe(noon + 50)
    now = noon + 100
    expect(ids.next()).toBeNull()
    ids.extend(noon + 200)
    expect(timeOf(ids.next())).toBe(noon + 100)
    expect(ids.unusedFrom()).toBe(noon + 101)
  })

  it.each([-1, 1_024, 1.5])('refuses worker id %s', (workerId) => {
    expect(() => createSnowflake({ workerId, from: 0, until: 1 })).toThrow(RangeError)
  })
})

const leaseMs = 60_000

/** The lease table of data/worker-lease.ts, in memory: who holds a worker id, until when, and the times given out. */
function createLeaseTable(trueTime: () => number) {
  const rows = Array.from({ length: 64 }, () => ({ holder: '', expiresAt: 0, usedUntil: 0 }))
  return {
    lease(holder: string, now: number): IdRange | null {
      const free = rows.filter(
        ({ expiresAt, usedUntil }) => expiresAt < trueTime() && usedUntil <= now + maxRollbackMs,
      )
      const row = free.find(({ usedUntil }) => usedUntil <= now) ?? free[0]
      if (!row) return null
      const from = Math.max(row.usedUntil, now)
      Object.assign(row, { holder, expiresAt: trueTime() + leaseMs, usedUntil: from + leaseMs })
      return { workerId: rows.indexOf(row), from, until: row.usedUntil }
    },
    renew(holder: string, workerId: number, now: number): number | null {
      const row = rows[workerId]
      if (row?.holder !== holder) return null
      row.usedUntil = Math.max(row.usedUntil, now + leaseMs)
      row.expiresAt = trueTime() + leaseMs
      return row.usedUntil
    },
    release(holder: string, workerId: number, unusedFrom: number) {
      const row = rows[workerId]
      if (row?.holder === holder) Object.assign(row, { holder: '', expiresAt: 0, usedUntil: unusedFrom })
    },
  }
}

describe('10 million ids of 8 processes whose clocks run back, that stall, lose their leases and restart', () => {
  it('are all different, and grow per lease', () => {
    const random = seeded(20_261_123)
    let trueTime = noon
    const table = createLeaseTable(() => trueTime)
    const total = 10_000_000
    const issued = new BigUint64Array(total)
    let count = 0
    let holders = 0
    const processes = Array.from({ length: 8 }, () => startProcess())

    function startProcess() {
      let skew = Math.round((random() - 0.5) * 4_000)
      let holder = ''
      let range: IdRange = { workerId: 0, from: 0, until: 0 }
      let ids: Snowflake | null = null
      let renewAt = 0
      let stalledUntil = 0
      let last = 0n
      const clock = () => trueTime + skew
      const take = () => {
        const granted = table.lease(`process-${holders + 1}`, clock())
        if (!granted) return void (ids = null)
        holders += 1
        holder = `process-${holders}`
        range = granted
        ids = createSnowflake(range, clock)
        renewAt = trueTime + 15_000
        last = 0n
      }
      return function run() {
        if (trueTime < stalledUntil) return
        const luck = random()
        if (luck < 0.001)
          skew -= Math.round(random() * 5_000) // put back a little
        else if (luck < 0.002)
          skew -= Math.round(random() * 300_000) // put back by minutes
        else if (luck < 0.003)
          skew = Math.round((random() - 0.5) * 4_000) // put right again
        else if (luck < 0.004) stalledUntil = trueTime + Math.round(random() * 3 * leaseMs)
        else if (luck < 0.005)
          ids = null // killed with -9
        else if (luck < 0.007 && ids) {
          table.release(holder, range.workerId, ids.unusedFrom())
          ids = null
        }
        // A process that was stalled issues before it learns that its lease is gone: that is the danger.
        if (ids && luck > 0.5 && trueTime >= renewAt) {
          const until = table.renew(holder, range.workerId, clock())
          if (until === null) ids = null
          else ids.extend(until)
          renewAt = trueTime + 15_000
        }
        if (!ids) take()
        const burst = Math.round(random() * 400)
        for (let i = 0; ids && i < burst && count < total; i += 1) {
          const id: bigint | null = ids.next()
          if (id === null) {
            take()
            continue
          }
          if (id <= last) throw new Error('An id is not above the one before it')
          last = id
          issued[count] = id
          count += 1
        }
      }
    }

    while (count < total) {
      for (const run of processes) run()
      trueTime += Math.round(random() * 2_000)
    }
    issued.sort()
    let duplicates = 0
    for (let i = 1; i < total; i += 1) if (issued[i] === issued[i - 1]) duplicates += 1
    expect(duplicates).toBe(0)
    expect(holders).toBeGreaterThan(100)
  }, 120_000)
})

/** mulberry32: the same numbers for the same seed. */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
