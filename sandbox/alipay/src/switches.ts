import { z } from 'zod'

/**
 * How the sandbox misbehaves. Durations in milliseconds. Counts go down by one each time and end at 0.
 */
const switches = z.strictObject({
  /** Waits before a notify is sent. */
  notifyDelayMs: z.int().min(0).max(600_000),
  /** How many times a notify is sent at once. */
  notifyCopies: z.int().min(1).max(100),
  /** This many notifies are never sent, nor tried again. */
  dropNotifies: z.int().min(0),
  /** Notifies carry a signature of another key. */
  forgeNotifies: z.boolean(),
  /** Notifies are well signed, but with ¥0.01 more than was paid. */
  wrongAmount: z.boolean(),
  /** Notifies of a trade are kept for a moment, then the newest is sent first. */
  reorderNotifies: z.boolean(),
  /** This many refunds are refused with ACQ.SYSTEM_ERROR. */
  failRefunds: z.int().min(0),
  /** This many requests are carried out, but answered with HTTP 502. */
  loseAnswers: z.int().min(0),
  /** Waits before each answer of the gateway. */
  gatewayDelayMs: z.int().min(0).max(60_000),
})

/** What can be switched; see the schema. */
export type Switches = z.infer<typeof switches>

/** Everything as the real one does it. */
export const wellBehaved: Switches = {
  notifyDelayMs: 0,
  notifyCopies: 1,
  dropNotifies: 0,
  forgeNotifies: false,
  wrongAmount: false,
  reorderNotifies: false,
  failRefunds: 0,
  loseAnswers: 0,
  gatewayDelayMs: 0,
}

/** Reads a change of switches; what is wrong with it otherwise. */
export function readSwitches(input: unknown): Partial<Switches> | { problem: string } {
  const change = switches.partial().safeParse(input)
  return change.success ? change.data : { problem: z.prettifyError(change.error) }
}

/** True when a count was not at 0; takes one from it. */
export function takeOne(current: Switches, name: 'dropNotifies' | 'failRefunds' | 'loseAnswers'): boolean {
  if (current[name] === 0) return false
  current[name] -= 1
  return true
}
