import { GraphQLError } from 'graphql'
import type { Path } from './json.ts'
import type { Problem } from './run.ts'

/**
 * The errors of an answer. A fetch may have failed to bring what the client did not ask for itself: such a problem is
 * told at the nearest place that the client knows, unless its cause is told there or below that place anyway. Values that do not
 * fit are told unless the problem of a fetch explains them.
 */
export function errorsOf(
  fetched: readonly Problem[],
  unfit: readonly Problem[],
  clientPath: (path: Path) => Path,
): GraphQLError[] {
  const known: Problem[] = []
  const cut: Problem[] = []
  for (const problem of fetched) {
    const path = clientPath(problem.path)
    if (path.length === problem.path.length) known.push({ ...problem, path })
    else cut.push({ ...problem, path })
  }
  const near = cut.filter(
    ({ cause, path }) => !known.some((other) => other.cause === cause && isWithin(other.path, path)),
  )
  const explained = [...known, ...near]
  const unexplained = unfit.filter(
    ({ path }) => !explained.some((other) => isWithin(other.path, path) || isWithin(path, other.path)),
  )
  return distinct([...explained, ...unexplained]).map(toError)
}

const isWithin = (path: Path, outer: Path) => outer.every((part, index) => path[index] === part)

function distinct(problems: readonly Problem[]): Problem[] {
  const keyOf = ({ path, cause }: Problem) => JSON.stringify([path, cause.message, cause.extensions.code])
  return [...new Map(problems.map((problem) => [keyOf(problem), problem])).values()]
}

function toError({ path, cause: { message, extensions, error } }: Problem): GraphQLError {
  const made = new GraphQLError(message, { ...(path.length > 0 ? { path } : {}), extensions })
  if (error !== undefined) made.cause = error
  return made
}
