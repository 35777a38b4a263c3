import { createRandom } from './random.ts'

/** What can befall a process. `halt`: SIGSTOP for 5 s; `power-loss`: killed, and its last second of writes is gone. */
export type FaultKind = 'kill' | 'halt' | 'terminate' | 'kill-backend' | 'power-loss'

/** One fault: what befalls whom, and when, in milliseconds from the start. */
export interface Fault {
  atMs: number
  target: string
  kind: FaultKind
}

/** Who may be hit, and by what. */
export type Targets = Readonly<Record<string, readonly FaultKind[]>>

/**
 * Draws the faults of a run. All that may happen to anybody is one pack of cards, shuffled by the seed and dealt until
 * the time is over: chance alone would spare some process in a short run. Waits between faults are exponential, so that
 * some fall into the recovery from the one before. And troubles come in pairs: after every other fault somebody of
 * `company` is killed within two seconds, while what it was doing waits for the first.
 */
export function drawSchedule(
  seed: number,
  seconds: number,
  targets: Targets,
  { perMinute, company }: { perMinute: number; company: readonly string[] },
): Fault[] {
  const random = createRandom(seed)
  const cards = Object.entries(targets).flatMap(([target, kinds]) => kinds.map((kind) => ({ target, kind })))
  const faults: Fault[] = []
  let pack: typeof cards = []
  for (let atMs = wait(); atMs < seconds * 1_000; atMs += wait()) {
    if (pack.length === 0) pack = random.shuffle(cards)
    const card = pack.pop()
    if (!card) break
    faults.push({ atMs: Math.round(atMs), ...card })
    if (company.length > 0 && random.next() < 0.5)
      faults.push({
        atMs: Math.round(atMs) + 200 + random.below(1_800),
        target: random.pick(company),
        kind: 'kill',
      })
  }
  return faults.filter(({ atMs }) => atMs < seconds * 1_000).sort((a, b) => a.atMs - b.atMs)

  // A pair counts as one and a half.
  function wait(): number {
    return (-Math.log(1 - random.next()) * 60_000 * (company.length > 0 ? 1.5 : 1)) / perMinute
  }
}
