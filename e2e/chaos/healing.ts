import { setTimeout as sleep } from 'node:timers/promises'
import { openDeadLetters } from '@mall/bus/dead-letters'
import { quarantineTopic, topics } from '@mall/contracts'
import { createLogger } from '@mall/service/logger'
import type { Mall } from '@mall/stack'
import { findFaults } from '@mall/stack/consistency'
import type { Violation } from './promises.ts'

const readyWithinMs = 60_000

/** Waits until every process can take traffic again; answers how long that took, and what those say that never could. */
export async function untilReady(mall: Mall): Promise<{ afterMs: number; missing: string[] }> {
  const begun = Date.now()
  for (;;) {
    const answers = await Promise.all(mall.readyUrls().map(complaintOf))
    const missing = answers.filter((answer) => answer !== null)
    const afterMs = Date.now() - begun
    if (missing.length === 0 || afterMs > readyWithinMs) return { afterMs, missing }
    await sleep(200)
  }
}

/** What a process says when it is not ready. */
async function complaintOf(url: string): Promise<string | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    const text = await response.text()
    return response.ok ? null : `${url} ${text}`
  } catch (error) {
    return `${url} ${String(error)}`
  }
}

/** Waits until no order moves and everything adds up, for as long as is allowed; what is then still wrong is broken. */
export async function untilQuiet(
  mall: Mall,
  patienceMs: number,
): Promise<{ quietAfterMs: number; violations: Violation[] }> {
  const begun = Date.now()
  for (;;) {
    const { moving, faults } = await findFaults(mall.state())
    const quietAfterMs = Date.now() - begun
    if (moving === 0 && faults.length === 0) return { quietAfterMs, violations: [] }
    if (quietAfterMs > patienceMs)
      return {
        quietAfterMs,
        violations: [
          ...(moving > 0 ? [{ rule: 'every saga ends in time', subject: `${moving} orders` }] : []),
          ...faults.map(({ rule, subject, expected, actual }) => ({
            rule,
            subject: `${subject} should be ${expected}, is ${actual}`,
          })),
        ],
      }
    await sleep(500)
  }
}

/** Messages that were given up; a storm is no reason to give up any. */
export async function findDeadLetters(mall: Mall): Promise<Violation[]> {
  const letters = await openDeadLetters({
    brokers: mall.state().infrastructure.kafka.split(','),
    logger: createLogger({ name: 'chaos', level: 'silent' }),
  })
  try {
    const found: Violation[] = []
    for (const topic of [...topics.map(({ name }) => name), quarantineTopic])
      for (const { key, reason } of await letters.list(topic))
        found.push({ rule: 'no message is given up', subject: `${topic} ${key}: ${reason}` })
    return found
  } finally {
    await letters.close()
  }
}
