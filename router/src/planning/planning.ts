import {
  operationFromDocument,
  ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  Supergraph,
  type Operation,
} from '@apollo/federation-internals'
import { QueryPlanner, type PlanNode, type SubscriptionNode } from '@apollo/query-planner'
import { graphError } from '@mall/service/errors'
import { parse, type DocumentNode, type GraphQLSchema } from 'graphql'
import { createPlannedSupergraph } from './planned-supergraph.ts'
import { createComposedDirectives } from './composed-directives.ts'
import { withoutEmpty } from './empty-selections.ts'
import { createFieldMove } from './interface-object-fields.ts'
import { withoutKeylessNeeds } from './keyless-needs.ts'
import { withLostMembers } from './lost-members.ts'
import { withoutPremature } from './premature-fields.ts'
import { withOrder } from './ordered-fetches.ts'
import { withRequiredFields } from './required-fields.ts'
import { createServiceTypes } from './service-types.ts'
import { createSourceKeys, withSourceKeys, type SourceKeyOf } from './source-keys.ts'
import { createTypeConditions, type TypeConditions } from './type-conditions.ts'

/** What the executor has to know of a supergraph, and its plans. */
export interface Planning {
  /** What clients see. */
  readonly schema: GraphQLSchema
  readonly conditions: TypeConditions
  sourceKeysOf(operation: DocumentNode): SourceKeyOf
  /** Undefined where nothing is to be fetched. Throws COST_EXCEEDED where planning would take too long. */
  plan(document: DocumentNode): PlanNode | SubscriptionNode | undefined
}

/**
 * Planning is one long step: nothing else happens meanwhile. Where entities have interface objects that lead to one
 * another, a hundred characters have more ways to be fetched than fit into memory. Beyond `maxEvaluatedPlans` the best plan
 * so far is taken, beyond `pathsLimit` ways to one field the operation is refused (decisions/0013).
 */
const planningBounds = { maxEvaluatedPlans: 500, pathsLimit: 500 }

/** Apollo's planner, with what it needs to plan rightly done before and after it. */
export function createPlanning(supergraphSdl: string): Planning {
  const document = parse(supergraphSdl, { noLocation: true })
  const apiSchema = build(document).apiSchema()
  const planned = createPlannedSupergraph(document)
  // A subgraph that keeps an @external field which nothing uses any more would not be valid, and plans as well.
  const supergraph = build(planned.document, planned.required.size === 0)
  // What is done to plans would have to be done in their fragments, too.
  const planner = new QueryPlanner(supergraph, { debug: planningBounds, reuseQueryFragments: false })
  const whole = supergraph.schema.toGraphQLJSSchema()
  const { schema, leaveOut } = createComposedDirectives(apiSchema.toGraphQLJSSchema(), document)
  const conditions = createTypeConditions(whole)
  const services = createServiceTypes(supergraph)
  const sourceKeysOf = createSourceKeys(whole, document)
  const moveFields = createFieldMove(whole, document)
  return {
    schema,
    conditions,
    sourceKeysOf,
    plan(operation) {
      const asked = withoutEmpty(withSourceKeys(leaveOut(operation), sourceKeysOf(operation)))
      const node = planOf(operationFromDocument(apiSchema, moveFields(asked)))
      if (!node) return undefined
      const whole = withLostMembers(node, asked, services, conditions)
      const keyed = withoutKeylessNeeds(withoutPremature(whole, services), services, conditions)
      return withRequiredFields(withOrder(keyed), planned)
    },
  }

  function planOf(operation: Operation) {
    try {
      return planner.buildQueryPlan(operation).node
    } catch (error) {
      // The planner says so in words only, or runs in a circle until an array is too long.
      const isTooMuch = error instanceof Error && error.message.startsWith('Too many options generated')
      if (!isTooMuch && !(error instanceof RangeError)) throw error
      throw graphError('COST_EXCEEDED', 'There are too many ways to fetch all this; ask for less at a time.')
    }
  }
}

const build = (document: DocumentNode, validateSupergraph = true) =>
  Supergraph.build(document, {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
    validateSupergraph,
  })
