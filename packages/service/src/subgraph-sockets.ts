import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  GraphQLError,
  createSourceEventStream,
  execute,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLSchema } from 'graphql'
import type { SubscribePayload } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import type { SecretKey } from './config.ts'
import { badUserInput, graphError, unauthenticated } from './errors.ts'
import type { ErrorMask } from './masking.ts'
import type { SubgraphContext, SubgraphRequest } from './subgraph.ts'
import { subscribeBinding, verifyIdentity } from './trust.ts'
import type { Identity } from './trust.ts'

export interface SocketOptions<Context extends SubgraphContext> {
  readonly name: string
  readonly schema: GraphQLSchema
  readonly identityKeys: readonly SecretKey[]
  readonly createContext: (request: SubgraphRequest) => Context | Promise<Context>
  readonly mask: ErrorMask
  readonly server: Server
  /** Most bytes of one message. */
  readonly maxPayload: number
}

/** Documents are few, as the router sends operations and not literals; the bound is for the day they are not. */
const MAX_DOCUMENTS = 500

/**
 * graphql-transport-ws at `/graphql` for subscriptions. A socket is the router's and carries many viewers, so it is
 * each `subscribe` that is verified, by `extensions.identity`.
 */
export function graphQLOverSockets<Context extends SubgraphContext>(
  options: SocketOptions<Context>,
): { close(): Promise<void> } {
  const { schema, mask, server } = options
  const sockets = new WebSocketServer({ noServer: true, maxPayload: options.maxPayload })
  const documents = new Map<string, DocumentNode | readonly GraphQLError[]>()

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url?.split('?')[0] !== '/graphql') {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (open) => sockets.emit('connection', open, request))
  }
  server.on('upgrade', upgrade)

  const handle = useServer(
    {
      schema,
      onSubscribe: (_connection, _id, payload) => {
        const identity = identityOf(payload, options)
        if (!identity) return [unauthenticated('Only the router may ask this subgraph.')]
        const document = readDocument(payload.query)
        if (!isDocument(document)) return document
        const operation = getOperationAST(document, payload.operationName)
        if (operation?.operation !== 'subscription') {
          return [badUserInput('Sockets are for subscriptions; send anything else by POST.')]
        }
        return {
          schema,
          document,
          operationName: payload.operationName,
          variableValues: payload.variables,
          contextValue: identity,
        }
      },
      subscribe: (args: ExecutionArgs) => subscribeWithFreshContext(args, options),
      onNext: (_connection, _id, _payload, _args, result) => maskResult(result, mask),
      onError: (_connection, _id, _payload, errors) => errors.map(mask),
    },
    sockets,
  )

  return {
    async close() {
      server.off('upgrade', upgrade)
      // Closes every socket with 1001, "going away".
      await handle.dispose()
    },
  }

  function readDocument(query: string): DocumentNode | readonly GraphQLError[] {
    const known = documents.get(query)
    if (known) return known
    const document = parseAndValidate(schema, query)
    if (documents.size >= MAX_DOCUMENTS) documents.clear()
    documents.set(query, document)
    return document
  }
}

function identityOf(
  payload: SubscribePayload,
  { name, identityKeys }: { readonly name: string; readonly identityKeys: readonly SecretKey[] },
): Identity | null {
  const header = payload.extensions?.identity
  return verifyIdentity(typeof header === 'string' ? header : null, {
    audience: name,
    method: 'SUBSCRIBE',
    body: subscribeBinding(payload),
    keys: identityKeys,
    now: Date.now(),
  })
}

function parseAndValidate(schema: GraphQLSchema, query: string): DocumentNode | readonly GraphQLError[] {
  try {
    const document = parse(query)
    const errors = validate(schema, document, specifiedRules)
    return errors.length > 0
      ? errors.map(({ message }) => graphError('GRAPHQL_VALIDATION_FAILED', message))
      : document
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    return [graphError('GRAPHQL_PARSE_FAILED', error.message)]
  }
}

function isDocument(value: DocumentNode | readonly GraphQLError[]): value is DocumentNode {
  return 'kind' in value
}

/**
 * As graphql-js's `subscribe`, but with a context of its own for each event: one for the whole subscription would
 * answer every later event from the loaders' memory of the first.
 */
async function subscribeWithFreshContext<Context extends SubgraphContext>(
  args: ExecutionArgs,
  { createContext }: SocketOptions<Context>,
): Promise<AsyncGenerator<ExecutionResult, void, void> | ExecutionResult> {
  const { viewer, address } = readIdentity(args.contextValue)
  const freshContext = () => createContext({ viewer, address })
  const source = await createSourceEventStream({ ...args, contextValue: await freshContext() })
  if (!(Symbol.asyncIterator in source)) return source

  const events = source[Symbol.asyncIterator]()
  const results: AsyncGenerator<ExecutionResult, void, void> = {
    [Symbol.asyncIterator]: () => results,
    async next() {
      const event = await events.next()
      if (event.done) return { value: undefined, done: true }
      const contextValue = await freshContext()
      return { value: await execute({ ...args, rootValue: event.value, contextValue }), done: false }
    },
    // Not an async generator function: its `return` would wait for the event that `next` is waiting for.
    async return() {
      await events.return?.()
      return { value: undefined, done: true }
    },
    async throw(error) {
      await events.return?.()
      throw error
    },
    async [Symbol.asyncDispose]() {
      await events.return?.()
    },
  }
  return results
}

function readIdentity(value: unknown): Identity {
  const isIdentity = (v: unknown): v is Identity => typeof v === 'object' && v !== null && 'viewer' in v
  if (!isIdentity(value)) throw new Error('a subscription was started without an identity')
  return value
}

function maskResult(result: ExecutionResult, mask: ErrorMask) {
  const { errors, ...rest } = result
  return errors ? { ...rest, errors: errors.map(mask) } : rest
}
