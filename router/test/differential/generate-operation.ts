import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  parse,
  validate,
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql'
import { createRandom, type Random } from './random.ts'

export interface GeneratedOperation {
  readonly text: string
  readonly document: DocumentNode
  readonly variables: Readonly<Record<string, unknown>>
}

export interface GeneratorOptions {
  /** Whether there may be @skip and @include. */
  readonly isConditional: boolean
}

/** An operation that is valid for the schema: aliases, fragments, abstract types, variables, @skip and @include. */
export function generateOperation(
  schema: GraphQLSchema,
  seed: number,
  options: GeneratorOptions,
): GeneratedOperation {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const random = createRandom(seed * 1_000 + attempt)
    const { text, variables } = createGenerator(schema, random, options).operation()
    const document = parse(text, { noLocation: true })
    // Some are not: fields of two types under one key, for example.
    if (validate(schema, document).length === 0) return { text, document, variables }
  }
  throw new Error(`no valid operation came of the seed ${seed}`)
}

const MAX_DEPTH = 4
/** Names that every object in JavaScript has are as good as others in GraphQL. */
const ALIASES = ['a', 'b', 'other', 'constructor', 'toString', '__proto__']

function createGenerator(schema: GraphQLSchema, random: Random, { isConditional }: GeneratorOptions) {
  const definitions: string[] = []
  const fragments: string[] = []
  const variables: Record<string, unknown> = {}
  let counter = 0

  return {
    operation() {
      const isMutation = schema.getMutationType() && random.chance(0.15)
      const root = isMutation ? schema.getMutationType() : schema.getQueryType()
      if (!root) throw new Error('the schema has no root')
      const set = selectionSet(root, 0)
      const header = definitions.length > 0 ? `(${definitions.join(', ')})` : ''
      const keyword = isMutation ? 'mutation' : 'query'
      return { text: [`${keyword} Generated${header} ${set}`, ...fragments].join('\n'), variables }
    },
  }

  function selectionSet(type: GraphQLCompositeType, depth: number): string {
    const fields = 'getFields' in type ? Object.values(type.getFields()) : []
    const affordable = fields.filter(
      (field) => depth < MAX_DEPTH || !isCompositeType(getNamedType(field.type)),
    )
    const chosen = affordable.length > 0 ? random.some(affordable, depth === 0 ? 3 : 5) : []
    const selections = chosen.map((field) => selection(field, depth))
    if (isAbstractType(type))
      for (const one of random.some(schema.getPossibleTypes(type), 3))
        if (depth < MAX_DEPTH) selections.push(fragment(one, depth + 1))
    if (isObjectType(type) && type.getInterfaces().length > 0 && depth < MAX_DEPTH && random.chance(0.15))
      selections.push(fragment(random.pick(type.getInterfaces()), depth + 1))
    if (depth < MAX_DEPTH && random.chance(0.1)) selections.push(fragment(type, depth + 1))
    if (selections.length === 0 || random.chance(0.25))
      selections.push(random.chance(0.3) ? 'kind: __typename' : '__typename')
    return `{ ${selections.join(' ')} }`
  }

  function selection(field: GraphQLField<unknown, unknown>, depth: number): string {
    const named = getNamedType(field.type)
    const alias = random.chance(0.2) ? `${random.pick(ALIASES)}${random.chance(0.5) ? counter++ : ''}: ` : ''
    const args = field.args
      .filter((argument) => isRequiredArgument(argument) || random.chance(0.4))
      .map(({ name, type }) => `${name}: ${argument(type)}`)
    const inner = isCompositeType(named) ? ` ${selectionSet(named, depth + 1)}` : ''
    return `${alias}${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${inclusion()}${inner}`
  }

  function fragment(type: GraphQLCompositeType, depth: number): string {
    if (random.chance(0.7)) return `... on ${type.name}${inclusion()} ${selectionSet(type, depth)}`
    const name = `F${counter++}`
    fragments.push(`fragment ${name} on ${type.name} ${selectionSet(type, depth)}`)
    return `...${name}${inclusion()}`
  }

  function inclusion(): string {
    if (!isConditional || !random.chance(0.12)) return ''
    const value = random.chance(0.3) ? String(random.chance(0.5)) : `$${inclusionVariable()}`
    return ` @${random.pick(['skip', 'include'])}(if: ${value})`
  }

  function inclusionVariable(): string {
    const name = `if${counter++}`
    const form = random.pick(['required', 'default', 'overridden'])
    definitions.push(form === 'required' ? `$${name}: Boolean!` : `$${name}: Boolean = ${random.chance(0.5)}`)
    if (form !== 'default') variables[name] = random.chance(0.5)
    return name
  }

  function argument(type: GraphQLInputType): string {
    if (!random.chance(0.4)) return literal(type)
    const name = `v${counter++}`
    definitions.push(`$${name}: ${String(type)}`)
    variables[name] = JSON.parse(asJson(literal(type))) as unknown
    return `$${name}`
  }

  function literal(type: GraphQLInputType): string {
    if (isNonNullType(type)) return literal(type.ofType)
    if (isListType(type))
      return `[${Array.from({ length: random.below(3) }, () => literal(type.ofType)).join(', ')}]`
    if (isEnumType(type)) return random.pick(type.getValues()).name
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(
        (one) => isRequiredInputField(one) || random.chance(0.3),
      )
      return `{ ${fields.map((one) => `${one.name}: ${literal(one.type)}`).join(', ')} }`
    }
    if (type.name === 'Boolean') return String(random.chance(0.5))
    return ['Int', 'Float', 'SafeInt'].includes(type.name)
      ? String(random.below(20))
      : `"${random.below(20)}"`
  }
}

/** A literal as JSON: keys and enum values get quotes. */
const asJson = (literal: string) =>
  literal.replaceAll(/"[^"]*"|[A-Za-z_]\w*/g, (word) =>
    word.startsWith('"') || ['true', 'false', 'null'].includes(word) ? word : `"${word}"`,
  )
