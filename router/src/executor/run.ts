import type { RequestScope, SubgraphRequest, SubgraphResponse } from '../engine/subgraph-client.ts'
import type { Joining } from './joined-fetches.ts'
import type { JsonObject, Path } from './json.ts'

/** Sends a request to a service of the supergraph. Rejects with what `causeOf` can read. */
export type Send = (service: string, request: SubgraphRequest, run: Run) => Promise<SubgraphResponse>

/** One execution of an operation. */
export interface Run {
  /** What the services answered so far, merged: more than was asked, in the shape that the plan works on. */
  readonly data: JsonObject
  /** The client's, with the operation's defaults. */
  readonly variables: Readonly<JsonObject>
  readonly scope: RequestScope
  /** What a subscription's own subgraph said, when this completes it. */
  readonly event: SubgraphResponse | undefined
  /** Fetches of a mutation must see what it did, so they share no answer with others in flight. */
  readonly isMutation: boolean
  /** Where fetches of one stage wait for one another. */
  readonly joining: Joining | undefined
  readonly problems: Problem[]
  /** Objects that a fetch brought nothing for: what needs it of them fails for the same cause. */
  readonly failed: Map<JsonObject, Cause>
}

/** A step of a plan. Never rejects: what goes wrong becomes a problem of the run. */
export type Step = (run: Run) => Promise<void>

/** Why a fetch, or a field of it, failed; neither is fit for clients before it was masked. */
export interface Cause {
  readonly message: string
  readonly extensions: Readonly<Record<string, unknown>>
  /** What was caught, for the log. */
  readonly error?: unknown
}

/** A cause at a path in `Run.data`. */
export interface Problem {
  readonly cause: Cause
  readonly path: Path
}
