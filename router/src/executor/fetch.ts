import type { FetchNode } from '@apollo/query-planner'
import { compileContexts, type ContextGroup } from './contexts.ts'
import { causeOf, createFetchProblems, type FetchProblems } from './fetch-problems.ts'
import { createJoinablePart } from './joined-fetches.ts'
import { getOwn, isJsonObject, type JsonObject } from './json.ts'
import { merge } from './merge.ts'
import type { PlanPath } from '../planning/plan-path.ts'
import { collectObjects } from './paths.ts'
import { compileRequires, type WriteRepresentation } from './representations.ts'
import { compileRewrites, type Rewrite } from './rewrites.ts'
import type { Run, Send, Step } from './run.ts'
import type { TypeConditions } from '../planning/type-conditions.ts'

export interface FetchDeps {
  readonly send: Send
  readonly conditions: TypeConditions
}

/** Compiles a fetch of a plan, whose answer belongs to the objects at `path`. */
export function compileFetch(node: FetchNode, path: PlanPath, deps: FetchDeps): Step {
  const problems = createFetchProblems(node, path, deps.conditions)
  const fetch: Fetch = {
    problems,
    rewriteOutput: compileRewrites(node.outputRewrites, deps.conditions),
    ask: createAsk(node, deps.send),
    isOf: (condition, typename) => typeof condition === 'string' && deps.conditions(condition).has(typename),
  }
  if (!node.requires) return (run) => fetchFields(fetch, collectObjects(run.data, path), run)

  const entities = {
    write: compileRequires(node.requires, deps.conditions),
    rewriteInput: compileRewrites(node.inputRewrites, deps.conditions),
  }
  const contexts = compileContexts(node.contextRewrites, path, deps.conditions)
  if (!contexts)
    return (run) =>
      fetchEntities(fetch, entities, { objects: collectObjects(run.data, path), variables: {} }, run)
  return async (run) => {
    await Promise.all(contexts(run.data).map((group) => fetchEntities(fetch, entities, group, run)))
  }
}

interface Fetch {
  readonly problems: FetchProblems
  readonly rewriteOutput: Rewrite | undefined
  readonly ask: Ask
  /** Whether an object of the second type meets a condition on the first. */
  readonly isOf: (condition: unknown, typename: unknown) => boolean
}

async function fetchFields(
  { problems, rewriteOutput, ask }: Fetch,
  objects: readonly JsonObject[],
  run: Run,
): Promise<void> {
  if (objects.length === 0) return
  try {
    const { data, errors } = await ask(run)
    if (!data && !errors?.length) throw new Error('a service answered with neither data nor errors')
    if (data) {
      rewriteOutput?.(data)
      for (const object of objects) merge(object, data)
    }
    if (errors?.length) problems.answered(run, errors, [])
  } catch (error) {
    problems.failed(run, objects, causeOf(error))
  }
}

interface Entities {
  readonly write: WriteRepresentation
  readonly rewriteInput: Rewrite | undefined
}

async function fetchEntities(
  { problems, rewriteOutput, ask, isOf }: Fetch,
  entities: Entities,
  { objects, variables }: ContextGroup,
  run: Run,
): Promise<void> {
  const { texts, targets } = represent(entities, objects, problems, run)
  if (targets.length === 0) return
  try {
    const { data, errors } = await ask(run, variables, texts)
    const found = data ? getOwn(data, '_entities') : null
    if (Array.isArray(found)) {
      if (found.length !== targets.length)
        throw new Error(`a service answered with ${found.length} entities where ${targets.length} were asked`)
      found.forEach((entity: unknown, index) => {
        if (!isJsonObject(entity)) return
        const objects = targets[index] ?? []
        const typename = objects[0]?.__typename
        const said = entity.__typename
        // Rewrites look at the type. A service with an @interfaceObject only knows the name of the interface.
        if (said === undefined ? rewriteOutput : said !== typename && isOf(said, typename))
          entity.__typename = typename
        rewriteOutput?.(entity)
        for (const object of objects) merge(object, entity)
      })
    } else if (!errors?.length) throw new Error('a service answered with neither entities nor errors')
    if (errors?.length) problems.answered(run, errors, targets)
  } catch (error) {
    problems.failed(run, targets.flat(), causeOf(error))
  }
}

/** Representations as JSON, each once, and for each of them the objects that it stands for. */
interface Represented {
  readonly texts: readonly string[]
  readonly targets: readonly (readonly JsonObject[])[]
}

function represent(
  { write, rewriteInput }: Entities,
  objects: readonly JsonObject[],
  problems: FetchProblems,
  run: Run,
): Represented {
  const byText = new Map<string, JsonObject[]>()
  for (const object of objects) {
    const gaps: JsonObject[] = []
    const written = write(object, gaps)
    const cause = gaps.length > 0 && causeOfGaps(gaps, run)
    // What an earlier fetch failed to bring is missing for good reason: the field that needs it fails as well.
    if (cause) problems.failed(run, [object], cause)
    if (cause || written === undefined) continue
    const text = rewriteInput ? rewritten(written, rewriteInput) : written
    const known = byText.get(text)
    if (known) known.push(object)
    else byText.set(text, [object])
  }
  return { texts: [...byText.keys()], targets: [...byText.values()] }
}

function rewritten(text: string, rewrite: Rewrite): string {
  const representation: unknown = JSON.parse(text)
  rewrite(representation)
  return JSON.stringify(representation)
}

const causeOfGaps = (gaps: readonly JsonObject[], { failed }: Run) =>
  failed.size === 0
    ? undefined
    : gaps.map((object) => failed.get(object)).find((cause) => cause !== undefined)

type Ask = (
  run: Run,
  variables?: Readonly<JsonObject>,
  representations?: readonly string[],
) => ReturnType<Send>

/** The request's body is put together of texts: what does not change is serialised once. */
function createAsk(node: FetchNode, send: Send): Ask {
  const { serviceName, operation, operationName, operationKind, variableUsages = [] } = node
  const name = operationName ? `,"operationName":${JSON.stringify(operationName)}` : ''
  const start = `{"query":${JSON.stringify(operation)}${name}`
  const isMutation = operationKind === 'mutation'
  const part = createJoinablePart(node)
  return (run, given = {}, representations) => {
    const variables = new Map<string, string>()
    for (const name of variableUsages) {
      const value = getOwn(given, name) ?? getOwn(run.variables, name)
      if (value !== undefined) variables.set(name, JSON.stringify(value))
    }
    const list = representations && `[${representations.join()}]`
    const texts = [...variables].map(([name, value]) => `${JSON.stringify(name)}:${value}`)
    if (list) texts.push(`"representations":${list}`)
    const body = texts.length > 0 ? `${start},"variables":{${texts.join()}}}` : `${start}}`
    const joined =
      part && list ? run.joining?.add({ part, body, variables, representations: list }) : undefined
    return joined ?? send(serviceName, { body, isMutation, mayShare: !run.isMutation }, run)
  }
}
