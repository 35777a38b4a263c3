import type { SubgraphResponse } from '../engine/subgraph-client.ts'
import type { EntityField } from './fetch-shape.ts'

type Variables = Readonly<Record<string, unknown>>

/** An entity that a fetch asks for. */
export interface AskedEntity {
  readonly field: EntityField
  /** In the field's list. */
  readonly position: number
  readonly representation: unknown
  /** Its index among all of the fetch. */
  readonly index: number
}

export function entitiesOf(fields: readonly EntityField[], variables: Variables): AskedEntity[] {
  return fields
    .flatMap((field) =>
      listOf(variables[field.variable]).map((representation, position) => ({
        field,
        position,
        representation,
      })),
    )
    .map((entity, index) => ({ ...entity, index }))
}

/** The variables of a fetch for some of its entities only. */
export function variablesFor(
  some: readonly AskedEntity[],
  fields: readonly EntityField[],
  variables: Variables,
): Variables {
  const lists = fields.map(
    (field) =>
      [
        field.variable,
        some.filter((one) => one.field === field).map(({ representation }) => representation),
      ] as const,
  )
  return { ...variables, ...Object.fromEntries(lists) }
}

/** The values of all entities by their index, as `data` of an answer. */
export function dataOf(
  values: readonly unknown[],
  asked: readonly AskedEntity[],
  fields: readonly EntityField[],
): Record<string, unknown> {
  const lists = fields.map(
    (field) =>
      [
        field.responseKey,
        asked.filter((one) => one.field === field).map(({ index }) => values[index]),
      ] as const,
  )
  return Object.fromEntries(lists)
}

/**
 * What came for each of `some`, in their order; undefined when there is no data, but errors. Throws when the lists are of
 * another length than was asked.
 */
export function valuesOf(
  { data, errors }: SubgraphResponse,
  some: readonly AskedEntity[],
  fields: readonly EntityField[],
): readonly unknown[] | undefined {
  const lists = fields.map((field) => data?.[field.responseKey])
  if (errors?.length && !lists.every(Array.isArray)) return undefined
  const fits = fields.every(
    (field, index) => listOf(lists[index]).length === some.filter((one) => one.field === field).length,
  )
  if (!fits) throw new Error('a service answered with another number of entities than were asked')
  return lists.flatMap(listOf)
}

/** Errors of a fetch for `some`, with paths in the lists of all. */
export function errorsAmongAll(
  { errors = [] }: SubgraphResponse,
  some: readonly AskedEntity[],
): NonNullable<SubgraphResponse['errors']> {
  return errors.map((error) => {
    const [responseKey, position, ...rest] = error.path ?? []
    const own = some.filter(({ field }) => field.responseKey === responseKey)
    const entity = typeof position === 'number' ? own[position] : undefined
    return entity ? { ...error, path: [entity.field.responseKey, entity.position, ...rest] } : error
  })
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
