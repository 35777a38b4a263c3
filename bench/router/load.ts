import autocannon from 'autocannon'
import { VARIANTS, type BenchQuery } from './graph.ts'

export const bodyOf = ({ query, variables }: BenchQuery, variant: number): string =>
  JSON.stringify({ query, variables: variables(variant) })

/** Asks all variants of a query over and over. Throws where one is refused. */
export async function load(
  url: string,
  query: BenchQuery,
  options: { connections: number; seconds: number; headers: Record<string, string> },
): Promise<autocannon.Result> {
  const { connections, seconds: duration, headers } = options
  const requests = Array.from({ length: VARIANTS }, (_, variant) => ({
    method: 'POST' as const,
    headers,
    body: bodyOf(query, variant),
  }))
  let clients = 0
  const result = await autocannon({
    url,
    connections,
    duration,
    requests,
    // Each begins elsewhere: connections in step would ask the same at the same time, which ours answers by one fetch.
    setupClient(client) {
      const first = (clients++ * 37) % VARIANTS
      client.setRequests([...requests.slice(first), ...requests.slice(0, first)])
    },
  })
  const failed = result.non2xx + result.errors
  if (failed > 0) throw new Error(`${failed} requests of "${query.name}" to ${url} failed`)
  return result
}
