import type { RunningRouter } from '../start.ts'

/** What a router's metrics say, by series as Prometheus writes it: `name{label="value"}`. Unknown ones are 0. */
export async function readMetrics({ metricsUrl }: Pick<RunningRouter, 'metricsUrl'>) {
  if (metricsUrl === null) throw new Error('this router serves no metrics')
  const response = await fetch(metricsUrl)
  const text = await response.text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const values = new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  )
  return {
    text,
    contentType: response.headers.get('content-type'),
    of: (series: string) => values.get(series) ?? 0,
  }
}
