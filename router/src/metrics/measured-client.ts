import { GraphQLError } from 'graphql'
import type { SubgraphClient } from '../engine/subgraph-client.ts'
import type { FetchOutcome, SubgraphMeasures } from './measures.ts'

/** Measures what a client sends and how it ends. */
export function createMeasuredClient(client: SubgraphClient, measures: SubgraphMeasures): SubgraphClient {
  return {
    async send(request, scope) {
      const begunAt = performance.now()
      let outcome: FetchOutcome = 'ok'
      measures.fetching += 1
      try {
        const response = await client.send(request, scope)
        if (response.errors?.length) outcome = 'error'
        return response
      } catch (error) {
        outcome = scope.signal.aborted ? 'cancelled' : isTimeout(error) ? 'timeout' : 'unavailable'
        throw error
      } finally {
        measures.fetching -= 1
        measures.fetch(outcome, performance.now() - begunAt)
      }
    },
  }
}

const isTimeout = (error: unknown) => error instanceof GraphQLError && error.extensions.code === 'TIMEOUT'
