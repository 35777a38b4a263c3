import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isStock } from './start-gateway.ts'
import { startGraph, type Graph, type GraphAnswer, type Subgraphs } from './start-graph.ts'

/** An operation and what must come of it. */
export interface Case {
  readonly does: string
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
  /** Exactly; left out where the operation is refused before it runs. */
  readonly data?: unknown
  /** As `path: CODE`, in any order. @default none */
  readonly errors?: readonly string[]
  /** The subgraphs that are asked, one name for each request. @default not looked at */
  readonly fetches?: readonly string[]
}

/** Runs cases against a router over live subgraphs. */
export function federationSuite(title: string, subgraphs: Subgraphs, cases: readonly Case[]): void {
  describe(title, () => {
    let graph: Graph
    beforeAll(async () => {
      graph = await startGraph(subgraphs)
    })
    afterAll(() => graph.close())

    it.each(cases)('$does', async ({ query, variables, data, errors = [], fetches }) => {
      const asked = await graph.ask(query, variables)
      if (isStock) return expectLike(asked.answer, data, errors)
      expect({ data: asked.answer.data, errors: errorsOf(asked.answer) }).toEqual({
        data,
        errors: errors.toSorted(),
      })
      expect(asked.status).toBe(data === undefined ? 400 : 200)
      if (fetches) expect(asked.fetches).toEqual(fetches)
    })
  })
}

/** As the public audit compares: the data, and whether there are errors, for no two gateways have the same codes. */
function expectLike(answer: GraphAnswer, data: unknown, errors: readonly string[]): void {
  expect({ data: answer.data, hasErrors: answer.errors !== undefined }).toEqual({
    data,
    hasErrors: errors.length > 0,
  })
}

const errorsOf = ({ errors = [] }: GraphAnswer) =>
  errors.map(({ path, extensions }) => `${path?.join('.') ?? ''}: ${extensions.code}`).toSorted()

/** What every schema of federation 2 begins with. */
export const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key",
  "@requires", "@provides", "@external", "@shareable", "@override", "@inaccessible", "@interfaceObject", "@extends",
  "@composeDirective", "@context", "@fromContext"])\n`

/** A `__resolveReference` that finds a row by keys, and adds to it what the router has sent along. */
export const refer =
  <Row extends object>(rows: readonly Row[], ...keys: readonly (keyof Row)[]) =>
  (reference: Partial<Row>): Row | null => {
    const row = rows.find((one) => keys.every((key) => one[key] === reference[key]))
    return row ? { ...reference, ...row } : null
  }

/** A resolver that the router must have no reason to ask. */
export const notToBeAsked = () => {
  throw new Error('this was not to be asked')
}
