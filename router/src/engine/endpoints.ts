/** The instances of a subgraph, taken in turns. */
export interface Endpoints {
  /** Every instance once, beginning with the next in turn: what to try, in order. */
  inTurn(): string[]
}

export function createEndpoints(urls: readonly string[]): Endpoints {
  let turn = 0
  return {
    inTurn() {
      const start = turn++ % urls.length
      return [...urls.slice(start), ...urls.slice(0, start)]
    },
  }
}
