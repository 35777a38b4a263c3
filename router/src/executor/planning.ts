import {
  operationFromDocument,
  ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  Supergraph,
} from '@apollo/federation-internals'
import { QueryPlanner, type PlanNode, type SubscriptionNode } from '@apollo/query-planner'
import { parse, type DocumentNode, type GraphQLSchema } from 'graphql'
import { createPlannedSupergraph } from './planned-supergraph.ts'
import { withRequiredFields } from './required-fields.ts'
import { createSourceKeys, withSourceKeys, type SourceKeyOf } from './source-keys.ts'
import { createTypeConditions, type TypeConditions } from './type-conditions.ts'

/** What the executor has to know of a supergraph, and its plans. */
export interface Planning {
  /** What clients see. */
  readonly schema: GraphQLSchema
  readonly conditions: TypeConditions
  readonly sourceKeyOf: SourceKeyOf
  /** Undefined where nothing is to be fetched. Throws what the planner throws. */
  plan(document: DocumentNode): PlanNode | SubscriptionNode | undefined
}

/** Apollo's planner, with what it needs to plan rightly done before and after it. */
export function createPlanning(supergraphSdl: string): Planning {
  const document = parse(supergraphSdl, { noLocation: true })
  const apiSchema = build(document).apiSchema()
  const planned = createPlannedSupergraph(document)
  // A subgraph that keeps an @external field which nothing uses any more would not be valid, and plans as well.
  const supergraph = build(planned.document, planned.required.size === 0)
  const planner = new QueryPlanner(supergraph)
  const whole = supergraph.schema.toGraphQLJSSchema()
  const sourceKeyOf = createSourceKeys(whole)
  return {
    schema: apiSchema.toGraphQLJSSchema(),
    conditions: createTypeConditions(whole),
    sourceKeyOf,
    plan(operation) {
      const { node } = planner.buildQueryPlan(
        operationFromDocument(apiSchema, withSourceKeys(operation, sourceKeyOf)),
      )
      return node && withRequiredFields(node, planned)
    },
  }
}

const build = (document: DocumentNode, validateSupergraph = true) =>
  Supergraph.build(document, {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
    validateSupergraph,
  })
