import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, Findings } from './index.ts'

/**
 * Looks again and again until all is well, at most `patienceMs`. What then counts as a fault was there at every look with
 * the same value: under traffic others come and go, as the steps of an order follow one another.
 */
export async function settle(
  look: () => Promise<Findings>,
  { patienceMs, everyMs = 500 }: { patienceMs: number; everyMs?: number },
): Promise<Findings> {
  const end = Date.now() + patienceMs
  let staying = null as Map<string, Fault> | null
  for (;;) {
    const findings = await look()
    const known: Map<string, Fault> | null = staying
    staying = new Map(
      findings.faults
        .map((fault): [string, Fault] => [JSON.stringify(fault), fault])
        .filter(([key]) => known === null || known.has(key)),
    )
    if (findings.moving === 0 && findings.faults.length === 0) return findings
    if (Date.now() > end) return { ...findings, faults: [...staying.values()] }
    await sleep(everyMs)
  }
}
