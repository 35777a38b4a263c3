/** What was measured of a peer with a query. */
export interface Figures {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** Milliseconds for each request. */
  readonly cpu: number
  readonly rss: number
}

/** Requests per second as multiples of stock's: measured for ../docs/performance.md on another machine, not in this run. */
const elsewhere = { 'Cosmo (Go)': '4.3', 'Hive Router (Rust)': '9–11' }

export function printTable(
  queries: readonly string[],
  peers: readonly string[],
  resultsOf: (peer: string, query: string) => readonly Figures[],
): void {
  const ratios = new Map<string, number[]>()
  console.log(row('query', 'peer', ['requests/s', '× stock', 'p50 ms', 'p99 ms', 'CPU ms', '1/stock', 'MiB']))
  for (const query of queries) {
    const stock = peers.includes('stock') ? medians(resultsOf('stock', query)) : undefined
    for (const peer of peers) {
      const { perSecond, p50, p99, cpu, rss } = medians(resultsOf(peer, query))
      const ratio = stock ? perSecond / stock.perSecond : NaN
      ratios.set(peer, [...(ratios.get(peer) ?? []), ratio])
      const figures = [
        perSecond.toFixed(0),
        ratio.toFixed(2),
        p50.toFixed(0),
        p99.toFixed(0),
        cpu.toFixed(3),
        ((stock?.cpu ?? NaN) / cpu).toFixed(1),
        (rss / 2 ** 20).toFixed(0),
      ]
      console.log(row(query, peer, figures))
    }
  }
  console.log('\nrequests/s against stock, geometric mean of the queries')
  for (const [peer, all] of ratios)
    console.log(
      `${peer.padEnd(28)}${(all.reduce((product, one) => product * one, 1) ** (1 / all.length)).toFixed(2)}`,
    )
  for (const [peer, ratio] of Object.entries(elsewhere))
    console.log(
      `${peer.padEnd(28)}${ratio} (not run here: an earlier run of such a bench on another machine)`,
    )
}

const row = (query: string, peer: string, figures: readonly string[]) =>
  `${query.padEnd(19)} ${peer.padEnd(27)}${figures.map((text) => text.padStart(11)).join('')}`

function medians(figures: readonly Figures[]): Figures {
  const median = (read: (one: Figures) => number) =>
    figures.map(read).toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0
  return {
    perSecond: median((one) => one.perSecond),
    p50: median((one) => one.p50),
    p99: median((one) => one.p99),
    cpu: median((one) => one.cpu),
    rss: median((one) => one.rss),
  }
}
