import type { PlanPath } from '../planning/plan-path.ts'
import { getOwn, isJsonObject, type JsonObject, type Path } from './json.ts'

/** The objects at a path, in order; what is null or of another shape is not among them. */
export function collectObjects(data: JsonObject, path: PlanPath): JsonObject[] {
  const found: JsonObject[] = []
  visit(data, 0)
  return found

  function visit(value: unknown, index: number): void {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) {
      const next = path[index] === '@' ? index + 1 : index
      for (const item of value) visit(item, next)
      return
    }
    if (!isJsonObject(value)) return
    const key = path[index]
    if (key === undefined) found.push(value)
    else if (key !== '@') visit(getOwn(value, key), index + 1)
  }
}

/** Where an object at a path is: its own path, and the objects that it is in, from the outermost. */
export interface Place {
  readonly object: JsonObject
  readonly path: Path
  readonly parents: readonly JsonObject[]
}

/** As `collectObjects`, and says where each was found. An object that is at several places is there as often. */
export function locateObjects(data: JsonObject, path: PlanPath): Place[] {
  const found: Place[] = []
  visit(data, 0, [], [])
  return found

  function visit(value: unknown, index: number, at: Path, parents: readonly JsonObject[]): void {
    if (Array.isArray(value)) {
      const next = path[index] === '@' ? index + 1 : index
      value.forEach((item, position) => visit(item, next, [...at, position], parents))
      return
    }
    if (!isJsonObject(value)) return
    const key = path[index]
    if (key === undefined) found.push({ object: value, path: at, parents })
    else if (key !== '@') visit(getOwn(value, key), index + 1, [...at, key], [...parents, value])
  }
}
