import { collectDefaultMetrics, Counter, Registry } from 'prom-client'

export { Counter, Gauge, Histogram } from 'prom-client'

/** What a process measures, for Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats). */
export type Metrics = Registry

/** Metrics of a process, with those of Node itself. */
export function createMetrics(): Metrics {
  const metrics = new Registry()
  const node = metricsOfNode()
  for (const { name } of node.getMetricsAsArray()) {
    const metric = node.getSingleMetric(name)
    if (metric) metrics.registerMetric(metric)
  }
  return metrics
}

let ofNode: Registry | undefined

/** Once for a process: what watches its garbage collections is never let go of, nor is what it is registered with. */
function metricsOfNode(): Registry {
  if (ofNode) return ofNode
  ofNode = new Registry()
  collectDefaultMetrics({ register: ofNode })
  return ofNode
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
