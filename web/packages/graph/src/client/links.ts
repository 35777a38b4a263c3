import { ApolloLink, fromPromise, HttpLink, split } from '@apollo/client/core'
import type { FetchResult, NextLink, Operation } from '@apollo/client/core'
import { setContext } from '@apollo/client/link/context'
import { onError } from '@apollo/client/link/error'
import { RetryLink } from '@apollo/client/link/retry'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { getMainDefinition } from '@apollo/client/utilities'
import type { Client } from 'graphql-ws'
import type { SessionStore } from '../session/session-store.ts'
import { problemOf } from './problem.ts'

/** Subscriptions go over the socket, all else over HTTP with the token of the moment. */
export function createLinks(session: SessionStore, socket: Client): ApolloLink {
  const http = ApolloLink.from([
    renewOnce(session),
    retryQueries(),
    authorize(session),
    new HttpLink({ uri: '/graphql', headers: { 'apollo-require-preflight': 'true' } }),
  ])
  return split(({ query }) => kindOf(query) === 'subscription', new GraphQLWsLink(socket), http)
}

function authorize(session: SessionStore): ApolloLink {
  return setContext(async (_, { headers }: { headers?: Record<string, string> }) => {
    const accessToken = await session.token()
    return {
      accessToken,
      headers: accessToken ? { ...headers, authorization: `Bearer ${accessToken}` } : headers,
    }
  })
}

/** A refused token is renewed and the operation sent again, once: a mutation was refused before it did anything. */
function renewOnce(session: SessionStore): ApolloLink {
  return onError(({ graphQLErrors, networkError, operation, forward }) => {
    const { accessToken, renewed } = operation.getContext()
    const refused = problemOf({ graphQLErrors, networkError }) === 'unauthenticated'
    if (!refused || renewed || typeof accessToken !== 'string') return
    operation.setContext({ renewed: true })
    return sendAgain(session, accessToken, operation, forward)
  })
}

function sendAgain(session: SessionStore, refused: string, operation: Operation, forward: NextLink) {
  return fromPromise(session.renew(refused)).flatMap<FetchResult>(() => forward(operation))
}

function retryQueries(): ApolloLink {
  return new RetryLink({
    delay: { initial: 300, max: 3_000, jitter: true },
    attempts: (count, { query }, error) =>
      count < 3 && kindOf(query) === 'query' && problemOf({ networkError: error }) === 'unreachable',
  })
}

function kindOf(query: Operation['query']): string | null {
  const definition = getMainDefinition(query)
  return definition.kind === 'OperationDefinition' ? definition.operation : null
}
