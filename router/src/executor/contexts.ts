import type { FetchDataKeyRenamer } from '@apollo/query-planner'
import { getOwn, isJsonObject, type JsonObject } from './json.ts'
import type { PlanPath } from '../planning/plan-path.ts'
import { locateObjects, type Place } from './paths.ts'
import { conditionOf } from './rewrites.ts'
import type { TypeConditions } from '../planning/type-conditions.ts'

/** Objects that are fetched with the same values of their surroundings (`@fromContext`). */
export interface ContextGroup {
  readonly objects: JsonObject[]
  readonly variables: Readonly<JsonObject>
}

/** Groups the objects at a path by the values that their fetch takes from the objects around them. */
export function compileContexts(
  renamers: readonly FetchDataKeyRenamer[] | undefined,
  path: PlanPath,
  conditions: TypeConditions,
): ((data: JsonObject) => ContextGroup[]) | undefined {
  if (!renamers?.length) return undefined
  return (data) => {
    const groups = new Map<string, ContextGroup>()
    for (const place of locateObjects(data, path)) {
      const variables: JsonObject = {}
      for (const { path: steps, renameKeyTo } of renamers)
        variables[renameKeyTo] ??= readContext(place, steps, conditions)
      const key = JSON.stringify(variables)
      const group = groups.get(key) ?? { objects: [], variables }
      groups.set(key, group)
      group.objects.push(place.object)
    }
    return [...groups.values()]
  }
}

/** `..` leads to the object around, a condition says which type that must be, then come keys. */
function readContext(
  { object, parents }: Place,
  steps: readonly string[],
  conditions: TypeConditions,
): unknown {
  const ups = steps.findLastIndex((step) => step === '..') + 1
  let value: unknown = ups === 0 ? object : parents.at(-ups)
  for (const step of steps.slice(ups)) {
    if (!isJsonObject(value)) return value === null ? null : undefined
    const condition = conditionOf(step)
    if (condition === undefined) value = getOwn(value, step)
    else if (!conditions(condition).has(value.__typename)) return undefined
  }
  return value
}
