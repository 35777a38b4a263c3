import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Begins `perSecond` calls each second, evenly, whether or not earlier ones have ended. Answers with the milliseconds
 * from when each was due to its end, sorted: a system that falls behind is not let off by calls that began late.
 */
export async function openLoop(
  options: { perSecond: number; durationMs: number },
  call: () => Promise<unknown>,
): Promise<number[]> {
  const { perSecond, durationMs } = options
  const total = Math.floor((perSecond * durationMs) / 1_000)
  const latencies: number[] = []
  const calls: Promise<void>[] = []
  const begun = performance.now()
  const run = async (due: number) => {
    await call()
    latencies.push(performance.now() - due)
  }
  for (let sent = 0; sent < total;) {
    const elapsed = performance.now() - begun
    for (; sent < total && (sent * 1_000) / perSecond <= elapsed; sent += 1)
      calls.push(run(begun + (sent * 1_000) / perSecond))
    await sleep(1)
  }
  await Promise.all(calls)
  return latencies.sort((a, b) => a - b)
}

/** The value below which a share of sorted values lies. */
export function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN
}

/** The middle of some values. */
export const median = (values: readonly number[]) =>
  at(
    values.toSorted((a, b) => a - b),
    0.5,
  )
