import { z } from 'zod'

const count = (fallback: number) => z.number().int().positive().default(fallback)

/** What one operation may ask. Fragments count wherever they are spread. */
export const limitsSchema = z.strictObject({
  /** Of the text; also what bounds how long reading it takes. */
  tokens: count(10_000),
  /** Fields within fields; with the fragments around them there may be five times as many levels. */
  depth: count(20),
  aliases: count(100),
  rootFields: count(50),
  directives: count(100),
  fields: count(2_000),
  /** Lists and objects within one another, in literals and in variables. */
  inputDepth: count(20),
  /** For operations that ask for `__schema` or `__type`; the standard introspection query has depth 15, no aliases. */
  introspection: z.strictObject({ depth: count(16), aliases: count(10) }).default({ depth: 16, aliases: 10 }),
  /** By `@cost` and `@listSize`; where a schema has none, an object costs 1, and so does each item of a list. */
  cost: count(10_000),
  /** Items of a list that has no `@listSize`. */
  assumedListSize: count(10),
  /** Of each root field of a mutation that has no `@cost`. */
  mutationCost: count(10),
})

export type Limits = z.infer<typeof limitsSchema>
