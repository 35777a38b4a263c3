import type { FetchNode, PlanNode } from '@apollo/query-planner'
import { createLru } from '@mall/service/lru'
import { Kind, parse, print, stripIgnoredCharacters } from 'graphql'
import type { SubgraphError, SubgraphResponse } from '../engine/subgraph-client.ts'
import { getOwn } from './json.ts'

/** A fetch of entities as a part of a request that brings several. */
export interface JoinablePart {
  readonly service: string
  /** Definitions of the client's variables that it uses, by name. */
  readonly definitions: ReadonlyMap<string, string>
  readonly selection: string
  /** Tells parts apart. */
  readonly id: number
}

let parts = 0

/** Undefined for what cannot be joined: only entities can, and no fragments, whose names could meet. */
export function createJoinablePart(node: FetchNode): JoinablePart | undefined {
  if (!node.requires) return undefined
  const [operation, ...others] = parse(node.operation, { noLocation: true }).definitions
  if (operation?.kind !== Kind.OPERATION_DEFINITION || others.length > 0) return undefined
  const [entities, ...fields] = operation.selectionSet.selections
  if (entities?.kind !== Kind.FIELD || !entities.selectionSet || fields.length > 0) return undefined
  const definitions = new Map(
    (operation.variableDefinitions ?? [])
      .filter(({ variable }) => variable.name.value !== REPRESENTATIONS)
      .map((definition) => [definition.variable.name.value, print(definition)]),
  )
  // A client's variable may be called as ours.
  if ([...definitions.keys()].some((name) => name.startsWith(REPRESENTATIONS))) return undefined
  const selection = stripIgnoredCharacters(print(entities.selectionSet))
  return { service: node.serviceName, definitions, selection, id: parts++ }
}

/** Whether fetches of one service begin together when these nodes do. */
export function mayJoin(nodes: readonly PlanNode[]): boolean {
  const services = nodes.flatMap((node) =>
    firstFetches(node).flatMap((one) => (one.requires ? one.serviceName : [])),
  )
  return new Set(services).size < services.length
}

function firstFetches(node: PlanNode): FetchNode[] {
  if (node.kind === 'Fetch') return [node]
  if (node.kind === 'Flatten') return firstFetches(node.node)
  if (node.kind === 'Sequence') return node.nodes.slice(0, 1).flatMap(firstFetches)
  if (node.kind === 'Parallel') return node.nodes.flatMap(firstFetches)
  return []
}

/** Sends the body of a request to a service. */
export type SendBody = (service: string, body: string) => Promise<SubgraphResponse>

/** A fetch that waits for others of its stage. */
interface Waiting {
  readonly part: JoinablePart
  /** What it would send alone. */
  readonly body: string
  /** JSON of its variables by name. */
  readonly variables: ReadonlyMap<string, string>
  readonly representations: string
  readonly resolve: (response: SubgraphResponse | Promise<SubgraphResponse>) => void
}

/** The fetches of one stage of one run. */
export interface Joining {
  /** Undefined when the stage has been sent: the fetch goes alone then. */
  add(fetch: Omit<Waiting, 'resolve'>): Promise<SubgraphResponse> | undefined
  /** Sends what was added, one request for each service. */
  flush(): void
}

export function createJoining(send: SendBody): Joining {
  let waiting: Waiting[] | undefined = []
  return {
    add: (fetch) => waiting && new Promise((resolve) => waiting?.push({ ...fetch, resolve })),
    flush() {
      const groups = Map.groupBy(waiting ?? [], ({ part }) => part.service)
      waiting = undefined
      for (const [service, group] of groups) {
        const alone = ({ body, resolve }: Waiting) => resolve(send(service, body))
        if (group.length === 1) group.forEach(alone)
        else sendJoined(service, group, send, alone)
      }
    },
  }
}

function sendJoined(
  service: string,
  group: readonly Waiting[],
  send: SendBody,
  alone: (one: Waiting) => void,
): void {
  const response = send(service, bodyOf(group))
  response.then(
    ({ data, errors = [] }) => {
      // A null that reached the root took all parts along; asked alone, each keeps what is its own.
      if (!data) return group.forEach(alone)
      for (const [index, { resolve }] of group.entries()) {
        const own = errors.flatMap((error) => errorOf(error, index))
        resolve({
          data: { [ENTITIES]: getOwn(data, aliasOf(index)) },
          ...(own.length > 0 ? { errors: own } : {}),
        })
      }
    },
    () => group.forEach(({ resolve }) => resolve(response)),
  )
}

const ENTITIES = '_entities'
const REPRESENTATIONS = 'representations'
const aliasOf = (index: number) => `e${index}`

/** What does not say whose it is belongs to all. */
function errorOf(error: SubgraphError, index: number): SubgraphError[] {
  const [root, ...inner] = error.path ?? []
  if (typeof root !== 'string') return [error]
  return root === aliasOf(index) ? [{ ...error, path: [ENTITIES, ...inner] }] : []
}

const starts = createLru<string, string>(2_000)

function bodyOf(group: readonly Waiting[]): string {
  const variables = new Map(group.flatMap((one) => [...one.variables]))
  const texts = [...variables].map(([name, value]) => `${JSON.stringify(name)}:${value}`)
  group.forEach(({ representations }, index) => texts.push(`"${REPRESENTATIONS}${index}":${representations}`))
  const key = group.map(({ part }) => part.id).join()
  const start = starts.get(key) ?? startOf(group.map(({ part }) => part))
  starts.set(key, start)
  return `${start}${texts.join()}}}`
}

function startOf(joined: readonly JoinablePart[]): string {
  const definitions = new Map(joined.flatMap((part) => [...part.definitions]))
  const own = joined.map((_, index) => `$${REPRESENTATIONS}${index}:[_Any!]!`)
  const fields = joined.map(
    ({ selection }, index) =>
      `${aliasOf(index)}:${ENTITIES}(representations:$${REPRESENTATIONS}${index})${selection}`,
  )
  const query = `query(${[...own, ...definitions.values()].join()}){${fields.join(' ')}}`
  return `{"query":${JSON.stringify(query)},"variables":{`
}
