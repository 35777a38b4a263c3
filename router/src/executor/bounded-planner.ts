import type { Supergraph } from '@apollo/federation-internals'
import { QueryPlanner } from '@apollo/query-planner'
import { graphError } from '@mall/service/errors'

/**
 * Ways to one field that may be looked at. Where interface objects refer to one another they multiply with every level:
 * 55 characters take a second, 78 all the memory. Of six types that three subgraphs have in common, there are 729.
 */
const MAX_PATHS = 1_000
/** Whole plans that are compared. Of ten thousand, Apollo's default, four subgraphs with the same fields make two seconds. */
const MAX_PLANS = 1_000

/** Apollo's planner, which ends in COST_EXCEEDED where it would take long. */
export function createBoundedPlanner(supergraph: Supergraph): Pick<QueryPlanner, 'buildQueryPlan'> {
  const planner = new QueryPlanner(supergraph, {
    debug: { pathsLimit: MAX_PATHS, maxEvaluatedPlans: MAX_PLANS },
  })
  return {
    buildQueryPlan(operation, options) {
      try {
        return planner.buildQueryPlan(operation, options)
      } catch (error) {
        if (error instanceof Error && error.message.startsWith('Too many options generated'))
          throw graphError(
            'COST_EXCEEDED',
            `A field of the operation can be reached in more than ${MAX_PATHS} ways.`,
          )
        throw error
      }
    },
  }
}
