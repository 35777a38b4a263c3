import { badUserInput } from '@mall/service/errors'
import { Kind, visit, type DirectiveNode, type DocumentNode, type SelectionNode } from 'graphql'
import type { JsonObject } from './json.ts'

/** Whether `@skip` and `@include` let a selection be, for one set of values of the variables that they name. */
export type IsIncluded = (selection: SelectionNode) => boolean

/** The variables that decide in a document what is included. */
export function inclusionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>()
  visit(document, {
    Directive(node) {
      const condition = isInclusion(node) ? conditionOf(node) : undefined
      if (condition?.kind === Kind.VARIABLE) names.add(condition.name.value)
    },
  })
  return [...names]
}

/** Throws BAD_USER_INPUT for null, which a nullable variable with a default may be given. */
export function readInclusion(
  names: readonly string[],
  variables: Readonly<JsonObject>,
): ReadonlyMap<string, boolean> {
  return new Map(
    names.map((name) => {
      const value = variables[name]
      if (typeof value !== 'boolean')
        throw badUserInput(`Variable "$${name}" must not be null in @skip or @include.`)
      return [name, value] as const
    }),
  )
}

export function createIsIncluded(values: ReadonlyMap<string, boolean>): IsIncluded {
  return ({ directives = [] }) =>
    directives.every((directive) => {
      if (!isInclusion(directive)) return true
      const condition = conditionOf(directive)
      const value =
        condition?.kind === Kind.VARIABLE
          ? values.get(condition.name.value)
          : condition?.kind === Kind.BOOLEAN && condition.value
      return value === (directive.name.value === 'include')
    })
}

const isInclusion = ({ name: { value } }: DirectiveNode) => value === 'skip' || value === 'include'
const conditionOf = (node: DirectiveNode) => node.arguments?.find(({ name }) => name.value === 'if')?.value
