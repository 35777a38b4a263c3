import type { FetchNode } from '@apollo/query-planner'
import { GraphQLError } from 'graphql'
import type { SubgraphError } from '../engine/subgraph-client.ts'
import { createFetchedFields } from './fetched-fields.ts'
import { getOwn, type JsonObject, type Path } from './json.ts'
import type { PlanPath } from '../planning/plan-path.ts'
import { locateObjects, type Place } from './paths.ts'
import type { Cause, Run } from './run.ts'
import type { TypeConditions } from '../planning/type-conditions.ts'

/** More errors of one fetch than this tell a client nothing new. */
const MAX_PROBLEMS = 100

/** Says where in the client's answer it shows that a fetch, or a part of it, failed. */
export interface FetchProblems {
  /** The fetch brought nothing for these objects: every field that it was to bring has the problem. */
  failed(run: Run, objects: readonly JsonObject[], cause: Cause): void
  /** The service answered with errors. `targets` are the objects of each entity asked for, empty for a root fetch. */
  answered(run: Run, errors: readonly SubgraphError[], targets: readonly (readonly JsonObject[])[]): void
}

/** For one fetch at one path of the plan. Nothing here is worked out before a fetch fails. */
export function createFetchProblems(
  node: FetchNode,
  path: PlanPath,
  conditions: TypeConditions,
): FetchProblems {
  const fieldsOf = createFetchedFields(node, conditions)
  const renamed = new Map(
    (node.outputRewrites ?? []).flatMap((one) =>
      one.kind === 'KeyRenamer' ? [[one.path.at(-1), one.renameKeyTo] as const] : [],
    ),
  )
  const rename = (part: string | number) => renamed.get(String(part)) ?? part

  return {
    failed(run, objects, cause) {
      for (const object of objects) run.failed.set(object, cause)
      add(run, cause, placesOf(run, objects), (place) => fieldsOf(place.object).map((field) => [field]))
    },
    answered(run, errors, targets) {
      const all = node.requires ? targets.flat() : placesOf(run).map(({ object }) => object)
      for (const { message, path: told, extensions = {} } of errors) {
        const cause = { message, extensions }
        const { objects, inner } = node.requires
          ? entityOf(told, targets, all)
          : { objects: all, inner: told ?? [] }
        const fields = inner.length > 0 ? [inner.map(rename)] : undefined
        add(run, cause, placesOf(run, objects), (place) => fields ?? emptyFields(place.object))
      }
    },
  }

  function placesOf(run: Run, objects?: readonly JsonObject[]): Place[] {
    const wanted = objects && new Set(objects)
    return locateObjects(run.data, path).filter(({ object }) => wanted?.has(object) ?? true)
  }

  /** An error that says nothing of its place is at the fields that did not come. */
  function emptyFields(object: JsonObject): Path[] {
    const fields = fieldsOf(object)
    const empty = fields.filter((field) => (getOwn(object, field) ?? null) === null)
    return (empty.length > 0 ? empty : fields).map((field) => [field])
  }
}

function entityOf(
  told: Path | undefined,
  targets: readonly (readonly JsonObject[])[],
  all: readonly JsonObject[],
): { objects: readonly JsonObject[]; inner: Path } {
  const [, index, ...inner] = told ?? []
  const objects = typeof index === 'number' ? targets[index] : undefined
  return objects ? { objects, inner } : { objects: all, inner: [] }
}

function add(run: Run, cause: Cause, places: readonly Place[], fieldsOf: (place: Place) => Path[]): void {
  const found = places.flatMap((place) => fieldsOf(place).map((field) => [...place.path, ...field]))
  for (const path of found.slice(0, MAX_PROBLEMS)) run.problems.push({ cause, path })
}

/** The cause in what was caught. */
export function causeOf(error: unknown): Cause {
  if (!(error instanceof GraphQLError)) return { message: String(error), extensions: {}, error }
  const { message, extensions } = error
  return { message, extensions, error }
}
