import type { SpanContext } from '@opentelemetry/api'
import { parseTraceParent } from '@opentelemetry/core'
import type { SubgraphError } from '../engine/subgraph-client.ts'

/** Where a client's operation is in a trace; travels with it to every fetch. */
export interface Trace {
  /** By which it is found in logs. */
  readonly id: string
  fetch(subgraph: string): FetchTrace
  /** To be called once. @param code of what went wrong. */
  end(outcome: string, code?: unknown): void
}

/** A fetch of an operation, with all attempts. */
export interface FetchTrace {
  /** What a subgraph is sent to join the trace. */
  readonly headers: Readonly<Record<'traceparent', string>>
  /** An instance was asked. */
  sent(url: string): void
  /** The last call, as is `failed`. @param error the first in the answer. */
  answered(status: number, error: Pick<SubgraphError, 'extensions'> | undefined): void
  failed(code: string): void
}

/** How a client says where it is in a trace: by header, or within the operation where there is none. */
export interface TraceCarrier {
  readonly traceparent?: string | undefined
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
}

/** What the client said; undefined where it said nothing, or nothing that W3C's Trace Context knows. */
export function readTraceparent({ traceparent, extensions }: TraceCarrier): SpanContext | undefined {
  const text = traceparent ?? extensions?.traceparent
  return typeof text === 'string' ? (parseTraceParent(text) ?? undefined) : undefined
}

/** As subgraphs are sent it. */
export const formatTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags === 1 ? '01' : traceFlags.toString(16).padStart(2, '0')}`

/** A trace that others keep: it is handed on as it came. */
export function passOn(context: SpanContext): Trace {
  const fetching: FetchTrace = {
    headers: { traceparent: formatTraceparent(context) },
    sent: ignore,
    answered: ignore,
    failed: ignore,
  }
  return { id: context.traceId, fetch: () => fetching, end: ignore }
}

const ignore = () => undefined
