import { GraphQLError, type ValidationRule } from 'graphql'

/**
 * Why JSON from a client is not passed on, or null: nesting that reading it by recursion would not survive, and null
 * characters, which databases refuse. Looks no deeper than is allowed.
 */
export function problemOfInput(value: unknown, depth: number): string | null {
  if (typeof value === 'string') return value.includes('\0') ? 'The variables hold a null character.' : null
  if (typeof value !== 'object' || value === null) return null
  if (depth === 0) return 'The variables are nested too deeply.'
  if (!Array.isArray(value) && Object.keys(value).some((key) => key.includes('\0')))
    return 'The variables hold a null character.'
  for (const inner of Object.values(value)) {
    const problem = problemOfInput(inner, depth - 1)
    if (problem) return problem
  }
  return null
}

/** Refuses a name that objects treat specially, and null characters in literals. */
export const noHostileInputRule: ValidationRule = (context) => ({
  Name(node) {
    if (node.value === '__proto__')
      context.reportError(new GraphQLError('"__proto__" is not a name to use.', { nodes: node }))
  },
  StringValue(node) {
    if (node.value.includes('\0'))
      context.reportError(new GraphQLError('A string holds a null character.', { nodes: node }))
  },
})
