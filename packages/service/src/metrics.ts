import { collectDefaultMetrics, Counter, Registry } from 'prom-client'

export { Counter, Gauge, Histogram } from 'prom-client'

/** What a process measures, for Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats). */
export type Metrics = Registry

/** Metrics of a process, with those of Node itself. */
export function createMetrics(): Metrics {
  const metrics = new Registry()
  collectDefaultMetrics({ register: metrics })
  return metrics
}

/**
 * Offers counts that are kept elsewhere, such as those of the bus, as `name{kind,topic}`. They only grow while the
 * process lives.
 */
export function exposeCounts(
  metrics: Metrics,
  options: { name: string; help: string; read(): Readonly<Record<string, Readonly<Record<string, number>>>> },
): void {
  const { name, help, read } = options
  new Counter({
    name,
    help,
    labelNames: ['kind', 'topic'],
    registers: [metrics],
    collect() {
      this.reset()
      for (const [kind, topics] of Object.entries(read()))
        for (const [topic, count] of Object.entries(topics)) this.inc({ kind, topic }, count)
    },
  })
}
