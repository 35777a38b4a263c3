import type { PlanNode } from '@apollo/query-planner'
import { compileFetch, type FetchDeps } from './fetch.ts'
import { createJoining, mayJoin } from './joined-fetches.ts'
import type { PlanPath } from '../planning/plan-path.ts'
import type { Run, Step } from './run.ts'

/** Compiles a plan: what is to be fetched in which order, for the objects at `path`. */
export function compilePlan(node: PlanNode, path: PlanPath, deps: FetchDeps): Step {
  switch (node.kind) {
    case 'Fetch':
      return compileFetch(node, path, deps)
    case 'Flatten':
      return compilePlan(node.node, [...path, ...node.path.map(String)], deps)
    case 'Sequence':
      return sequence(node.nodes.map((one) => compilePlan(one, path, deps)))
    case 'Parallel':
      return (mayJoin(node.nodes) ? joined : parallel)(
        node.nodes.map((one) => compilePlan(one, path, deps)),
        deps,
      )
    case 'Condition': {
      const [yes, no] = [node.ifClause, node.elseClause].map((one) => one && compilePlan(one, path, deps))
      return async (run) => (run.variables[node.condition] === true ? yes : no)?.(run)
    }
    case 'Defer':
      throw new Error('plans are made without @defer')
    default: {
      const unknown: never = node
      throw new Error(`a plan has a node of an unknown kind: ${JSON.stringify(unknown)}`)
    }
  }
}

function sequence(steps: readonly Step[]): Step {
  return async (run) => {
    for (const step of steps) {
      if (hasLeft(run)) return
      await step(run)
    }
  }
}

function parallel(steps: readonly Step[]): Step {
  return async (run) => {
    await Promise.all(steps.map((step) => step(run)))
  }
}

/** Fetches that begin together go to their services together. Steps run up to their first request at once. */
function joined(steps: readonly Step[], { send }: FetchDeps): Step {
  return async (run) => {
    const joining = createJoining((service, body) =>
      send(service, { body, isMutation: false, mayShare: !run.isMutation }, run),
    )
    const inner: Run = { ...run, joining }
    const running = steps.map((step) => step(inner))
    joining.flush()
    await Promise.all(running)
  }
}

const hasLeft = ({ scope }: Run) => scope.signal.aborted
