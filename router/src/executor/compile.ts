import type { PlanNode } from '@apollo/query-planner'
import { createLru } from '@mall/service/lru'
import {
  GraphQLError,
  Kind,
  valueFromASTUntyped,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql'
import { fragmentsOf } from '../fragments.ts'
import type { RequestScope, SubgraphResponse } from '../engine/subgraph-client.ts'
import type { CollectDeps } from './collect-fields.ts'
import { createIsIncluded, inclusionVariables, readInclusion } from './inclusion.ts'
import { compileIntrospection, type Introspect } from './introspection.ts'
import type { JsonObject } from './json.ts'
import { compileProjection, type Projection, type ProjectionState } from './projection.ts'
import { errorsOf } from './result-errors.ts'
import type { Problem, Run, Send } from './run.ts'
import { compilePlan } from './schedule.ts'
import type { SourceKeyOf } from '../planning/source-keys.ts'
import type { TypeConditions } from '../planning/type-conditions.ts'

export interface CompileOptions {
  /** What is to be fetched; undefined when nothing is. */
  readonly plan: PlanNode | undefined
  /** Valid, with one operation. */
  readonly document: DocumentNode
  /** What clients see. */
  readonly schema: GraphQLSchema
  readonly conditions: TypeConditions
  /** Those that the plan was made with. */
  readonly sourceKeysOf: (operation: DocumentNode) => SourceKeyOf
  readonly send: Send
}

/** An operation that can be run any number of times; what does not depend on variables or data is worked out. */
export interface CompiledOperation {
  /** Never rejects for what services do; `event` is for subscriptions. */
  run(
    variables: Readonly<JsonObject>,
    scope: RequestScope,
    event?: SubgraphResponse,
  ): Promise<ExecutionResult>
  /** The variables that count where a client gives these: with the operation's defaults. */
  withDefaults(variables: Readonly<JsonObject>): Readonly<JsonObject>
}

/** Each set of values of the variables in @skip and @include has a projection of its own. */
const MAX_PROJECTIONS = 16

export function compileOperation(options: CompileOptions): CompiledOperation {
  const { plan, document, conditions, send } = options
  const operation = operationOf(document)
  const fetchAll = plan && compilePlan(plan, [], { send, conditions })
  const projections = createProjections(options, operation)
  const defaults = readDefaults(operation)
  const withDefaults = (variables: Readonly<JsonObject>) =>
    defaults ? { ...defaults, ...variables } : variables

  return {
    withDefaults,
    async run(given, scope, event) {
      const variables = withDefaults(given)
      const { projection, introspect } = projections(variables)
      // The planner leaves out what it cannot plan. Null would be a value that nobody gave.
      if (!fetchAll && projection.needsData)
        return { data: null, errors: [new GraphQLError('no subgraph can bring anything of it')] }
      const run: Run = {
        data: {},
        variables,
        scope,
        event,
        isMutation: operation.operation === 'mutation',
        joining: undefined,
        problems: [],
        failed: new Map(),
      }
      await fetchAll?.(run)
      // Nobody will read it.
      if (scope.signal.aborted) return { data: null }
      return project(run, projection, introspect?.(variables))
    },
  }
}

interface CompiledProjection {
  readonly projection: Projection
  readonly introspect: Introspect | undefined
}

function createProjections(
  { schema, document, sourceKeysOf }: CompileOptions,
  operation: OperationDefinitionNode,
): (variables: Readonly<JsonObject>) => CompiledProjection {
  const root = schema.getRootType(operation.operation)?.name ?? ''
  const fragments = fragmentsOf(document)
  const sourceKeyOf = sourceKeysOf(document)
  const names = inclusionVariables(document)
  const compile = (values: ReadonlyMap<string, boolean>): CompiledProjection => {
    const deps: CollectDeps = { schema, fragments, isIncluded: createIsIncluded(values), sourceKeyOf }
    return {
      projection: compileProjection(root, operation.selectionSet, deps),
      introspect: compileIntrospection(schema, operation, deps),
    }
  }
  if (names.length === 0) {
    const only = compile(new Map())
    return () => only
  }
  const compiled = createLru<string, CompiledProjection>(MAX_PROJECTIONS)
  return (variables) => {
    const values = readInclusion(names, variables)
    const key = names.map((name) => (values.get(name) ? '1' : '0')).join('')
    const known = compiled.get(key)
    if (known) return known
    const made = compile(values)
    compiled.set(key, made)
    return made
  }
}

function project(run: Run, projection: Projection, introspect?: (key: string) => unknown): ExecutionResult {
  const unfit: Problem[] = []
  const state: ProjectionState = {
    path: [],
    told: 0,
    tell(message) {
      state.told += 1
      unfit.push({ cause: { message, extensions: {} }, path: [...state.path] })
    },
    introspect: introspect ?? (() => null),
  }
  const data = projection.complete(run.data, state)
  if (run.problems.length === 0 && unfit.length === 0) return { data }
  return { data, errors: errorsOf(run.problems, unfit, (path) => projection.clientPath(run.data, path)) }
}

function readDefaults({
  variableDefinitions = [],
}: OperationDefinitionNode): Readonly<JsonObject> | undefined {
  const defaults = variableDefinitions.flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)] as const] : [],
  )
  return defaults.length > 0 ? Object.fromEntries(defaults) : undefined
}

function operationOf(document: DocumentNode): OperationDefinitionNode {
  const operation = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION)
  if (!operation) throw new GraphQLError('There is no operation in the document.')
  return operation
}
