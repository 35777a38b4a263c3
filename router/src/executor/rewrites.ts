import type { FetchDataRewrite } from '@apollo/query-planner'
import { getOwn, isJsonObject, setOwn, type JsonObject } from './json.ts'
import type { TypeConditions } from '../planning/type-conditions.ts'

/** Changes what is sent to a service, or what it answered, in place. */
export type Rewrite = (value: unknown) => void

/** Undefined where there is nothing to rewrite. */
export function compileRewrites(
  rewrites: readonly FetchDataRewrite[] | undefined,
  conditions: TypeConditions,
): Rewrite | undefined {
  const compiled = (rewrites ?? []).map((rewrite) => compileRewrite(rewrite, conditions))
  if (compiled.length === 0) return undefined
  return (value) => compiled.forEach((rewrite) => rewrite(value))
}

function compileRewrite(rewrite: FetchDataRewrite, conditions: TypeConditions): Rewrite {
  const last = rewrite.path.at(-1)
  if (last === undefined) return () => undefined
  const change = (object: JsonObject) => {
    if (rewrite.kind === 'ValueSetter') return setOwn(object, last, rewrite.setValueTo)
    const value = getOwn(object, last)
    if (value === undefined) return
    setOwn(object, rewrite.renameKeyTo, value)
    setOwn(object, last, undefined)
  }
  return rewrite.path.slice(0, -1).reduceRight<Rewrite>(
    (inner, step) => (value) => eachObject(value, enter(step, inner, conditions)),
    (value) => eachObject(value, change),
  )
}

/** A step of a rewrite's path is a key, or a condition such as `... on Book`. */
export const conditionOf = (step: string): string | undefined =>
  step.startsWith('... on ') ? step.slice('... on '.length) : undefined

function enter(step: string, inner: Rewrite, conditions: TypeConditions) {
  const condition = conditionOf(step)
  if (condition === undefined) return (object: JsonObject) => inner(getOwn(object, step))
  const names = conditions(condition)
  return (object: JsonObject) => {
    const typename = getOwn(object, '__typename')
    // Where a type can only be the one that is meant, a plan does not always fetch its name.
    if (typename === undefined || names.has(typename)) inner(object)
  }
}

function eachObject(value: unknown, change: (object: JsonObject) => void): void {
  if (Array.isArray(value)) for (const item of value) eachObject(item, change)
  else if (isJsonObject(value)) change(value)
}
