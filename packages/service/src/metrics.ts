import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'

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

export type Labels = Readonly<Record<string, string>>

/** A figure that is kept elsewhere, and looked up whenever somebody asks for the metrics. */
export interface KeptElsewhere {
  readonly name: string
  readonly help: string
  readonly labelNames?: readonly string[]
  read(): Iterable<readonly [Labels, number]>
}

/** Offers figures that only grow while the process lives. */
export function exposeCounter(metrics: Metrics, { name, help, labelNames = [], read }: KeptElsewhere): void {
  new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers: [metrics],
    collect() {
      this.reset()
      for (const [labels, value] of read()) this.inc(labels, value)
    },
  })
}

/** Offers figures that come and go. */
export function exposeGauge(metrics: Metrics, { name, help, labelNames = [], read }: KeptElsewhere): void {
  new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [metrics],
    collect() {
      this.reset()
      for (const [labels, value] of read()) this.set(labels, value)
    },
  })
}

/** Offers counts such as those of the bus, as `name{kind,topic}`. They only grow while the process lives. */
export function exposeCounts(
  metrics: Metrics,
  options: { name: string; help: string; read(): Readonly<Record<string, Readonly<Record<string, number>>>> },
): void {
  const { name, help, read } = options
  exposeCounter(metrics, {
    name,
    help,
    labelNames: ['kind', 'topic'],
    read: () =>
      Object.entries(read()).flatMap(([kind, topics]) =>
        Object.entries(topics).map(([topic, count]) => [{ kind, topic }, count] as const),
      ),
  })
}
