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

/** What these series say at the moment. */
export async function figuresOf(
  router: Pick<RunningRouter, 'metricsUrl'>,
  series: readonly string[],
): Promise<number[]> {
  const { of } = await readMetrics(router)
  return series.map(of)
}
