import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace as spans,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api'
import { createLru } from '@mall/service/lru'
import type { OperationDefinitionNode } from 'graphql'
import { formatTraceparent, type FetchTrace, type Trace } from './trace.ts'

/** What an operation is called, worked out once for each. */
export interface Named {
  /** The name of its span. */
  readonly span: string
  readonly type: string
  readonly operation: string | undefined
}

/** Clients choose the names of operations, and subgraphs their codes. */
const MAX_LENGTH = 100

export function nameOf({ operation: type, name }: OperationDefinitionNode): Named {
  const operation = name?.value.slice(0, MAX_LENGTH)
  return { span: operation === undefined ? type : `${type} ${operation}`, type, operation }
}

/** The span of an operation. A class, as is that of a fetch: one is made for every one of them. */
export class OperationTrace implements Trace {
  readonly #tracer: Tracer
  readonly #span: Span
  readonly id: string
  #context: Context | undefined

  constructor(tracer: Tracer, { span, type, operation }: Named, parent: Context) {
    this.#tracer = tracer
    this.#span = tracer.startSpan(span, { kind: SpanKind.SERVER }, parent)
    this.id = this.#span.spanContext().traceId
    // One by one: what is given to `startSpan` is copied three times.
    this.#span.setAttribute('graphql.operation.type', type)
    if (operation !== undefined) this.#span.setAttribute('graphql.operation.name', operation)
  }

  fetch(subgraph: string): FetchTrace {
    this.#context ??= spans.setSpan(ROOT_CONTEXT, this.#span)
    const span = this.#tracer.startSpan(`POST ${subgraph}`, { kind: SpanKind.CLIENT }, this.#context)
    span.setAttribute('service.peer.name', subgraph)
    return new SubgraphFetch(span)
  }

  end(outcome: string, code?: unknown): void {
    if (outcome !== 'ok') endBadly(this.#span, outcome, code)
    this.#span.end()
  }
}

class SubgraphFetch implements FetchTrace {
  readonly #span: Span
  readonly headers: { readonly traceparent: string }
  #url: string | undefined
  #resent = 0

  constructor(span: Span) {
    this.#span = span
    this.headers = { traceparent: formatTraceparent(span.spanContext()) }
  }

  sent(url: string): void {
    if (this.#url !== undefined) this.#resent += 1
    this.#url = url
  }

  answered(...[status, error]: Parameters<FetchTrace['answered']>): void {
    this.#span.setAttribute('http.response.status_code', status)
    if (error) endBadly(this.#span, 'error', error.extensions?.code)
    this.#end()
  }

  failed(code: string): void {
    endBadly(this.#span, code, code)
    this.#end()
  }

  #end(): void {
    const span = this.#span
    span.setAttribute('http.request.method', 'POST')
    if (this.#url === undefined) span.setAttribute('router.fetch.shared', true)
    else {
      const { address, port } = serverOf(this.#url)
      span.setAttribute('server.address', address)
      span.setAttribute('server.port', port)
    }
    if (this.#resent > 0) span.setAttribute('http.request.resend_count', this.#resent)
    span.end()
  }
}

function endBadly(span: Span, outcome: string, code: unknown): void {
  const isCancelled = outcome === 'cancelled'
  const type = typeof code === 'string' && !isCancelled ? code.slice(0, MAX_LENGTH) : outcome
  span.setAttribute('error.type', type)
  // That a client leaves is no fault.
  if (!isCancelled) span.setStatus({ code: SpanStatusCode.ERROR })
}

interface Server {
  readonly address: string
  readonly port: number
}

const servers = createLru<string, Server>(1_000)

function serverOf(url: string): Server {
  const known = servers.get(url)
  if (known) return known
  const { hostname, port, protocol } = new URL(url)
  const made = { address: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80) }
  servers.set(url, made)
  return made
}
