import type { RoundReport } from './round.ts'

/** A run of several seeds, in words. */
export function describeRounds(rounds: readonly RoundReport[]): string {
  const sum = (of: (round: RoundReport) => number) => rounds.reduce((total, round) => total + of(round), 0)
  const most = (of: (round: RoundReport) => number) => Math.max(0, ...rounds.map(of))
  const faults = count(
    rounds.flatMap((round) => round.faults.filter(({ happened }) => happened)),
    ({ target, kind }) => `${kind} ${target.replace(/-\d+$/, '')}`,
  )
  const violations = count(
    rounds.flatMap((round) => round.violations),
    ({ rule }) => rule,
  )
  const gaps = rounds.flatMap((round) => round.gaps)
  return [
    `seeds                          ${rounds.map(({ seed }) => seed).join(', ')}; ${rounds[0]?.seconds} s each`,
    `orders wanted / accepted       ${sum((r) => r.wanted)} / ${sum((r) => r.accepted)}`,
    `confirmed / cancelled          ${sum((r) => r.confirmed)} / ${sum((r) => r.cancelled)}`,
    `compensations                  ${sum((r) => r.compensations)} orders, ${sum((r) => r.undone)} steps; per seed ${rounds.map((r) => r.compensations).join(', ')}`,
    `requests sent again            ${sum((r) => r.repeats)}`,
    `messages delivered once more   ${sum((r) => r.echoes)}`,
    `faults                         ${sum((r) => r.faults.filter(({ happened }) => happened).length)}`,
    ...faults.map(([name, times]) => `  ${name.padEnd(28)} ${times}`),
    `all processes ready after      ${rounds.map((r) => (r.readyAfterMs === null ? 'never' : seconds(r.readyAfterMs))).join(', ')}`,
    `everything at rest after       ${rounds.map((r) => seconds(r.quietAfterMs)).join(', ')}`,
    `slowest decision               ${seconds(most((r) => r.slowestDecisionMs))}`,
    ...gaps.map(
      ({ target, silenceMs, slowestMs }) =>
        `${target} killed in calm`.padEnd(30) +
        ` no order confirmed for ${seconds(silenceMs)}, slowest order ${seconds(slowestMs)}`,
    ),
    `violations                     ${sum((r) => r.violations.length)}`,
    ...violations.flatMap(([rule, times]) => [
      `✗ ${times} × ${rule}`,
      ...rounds
        .flatMap((round) => round.violations)
        .filter((one) => one.rule === rule)
        .slice(0, 5)
        .map(({ subject }) => `    ${subject}`),
    ]),
  ].join('\n')
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`

function count<T>(list: readonly T[], nameOf: (one: T) => string): [string, number][] {
  return [...Map.groupBy(list, nameOf)]
    .map(([name, group]): [string, number] => [name, group.length])
    .sort(([a], [b]) => a.localeCompare(b))
}
