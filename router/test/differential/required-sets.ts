import { Kind, parse, type ConstDirectiveNode, type SelectionSetNode } from 'graphql'

/** What the fields of a subgraph require, by `Type.field`. */
export function requiredSets(sdl: string): ReadonlyMap<string, SelectionSetNode> {
  const fields = parse(sdl).definitions.flatMap((one) =>
    one.kind === Kind.OBJECT_TYPE_DEFINITION || one.kind === Kind.OBJECT_TYPE_EXTENSION
      ? (one.fields ?? []).map(
          (field) => [`${one.name.value}.${field.name.value}`, field.directives] as const,
        )
      : [],
  )
  return new Map(
    fields.flatMap(([name, directives = []]) =>
      directives
        .filter((directive) => directive.name.value === 'requires')
        .map((directive) => [name, setOf(directive)] as const),
    ),
  )
}

function setOf({ arguments: [fields] = [] }: ConstDirectiveNode): SelectionSetNode {
  const text = fields?.value.kind === Kind.STRING ? fields.value.value : ''
  const [operation] = parse(`{ ${text} }`).definitions
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`"${text}" selects no fields`)
  return operation.selectionSet
}
