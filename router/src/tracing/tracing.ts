import { setTimeout } from 'node:timers/promises'
import { ROOT_CONTEXT, trace as spans } from '@opentelemetry/api'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Logger } from '@mall/service/logger'
import type { OperationDefinitionNode } from 'graphql'
import type { TracingConfig } from './config.ts'
import { createExporter } from './exporter.ts'
import { nameOf, OperationTrace, type Named } from './spans.ts'
import { passOn, readTraceparent, type Trace, type TraceCarrier } from './trace.ts'

export interface Tracing {
  /** A client's operation begins. Undefined where it is in no trace. */
  begin(operation: OperationDefinitionNode, from: TraceCarrier): Trace | undefined
  /** Sends what has not been sent, for two seconds at most. */
  close(): Promise<void>
}

const CLOSE_WITHIN_MS = 2_000

/** Without a configuration nothing is recorded, and the traces of clients are handed on to subgraphs. */
export function createTracing(config: TracingConfig | null, logger: Logger): Tracing {
  if (!config)
    return {
      begin(_operation, from) {
        const context = readTraceparent(from)
        return context && passOn(context)
      },
      close: () => Promise.resolve(),
    }

  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': config.serviceName })),
    spanProcessors: [
      new BatchSpanProcessor(createExporter(config, logger), {
        ...(config.delayMs === undefined ? {} : { scheduledDelayMillis: config.delayMs }),
      }),
    ],
  })
  const tracer = provider.getTracer('@mall/router')
  const names = new WeakMap<OperationDefinitionNode, Named>()

  return {
    begin(operation, from) {
      let named = names.get(operation)
      if (!named) names.set(operation, (named = nameOf(operation)))
      const context = readTraceparent(from)
      const parent = context
        ? spans.setSpanContext(ROOT_CONTEXT, { ...context, isRemote: true })
        : ROOT_CONTEXT
      return new OperationTrace(tracer, named, parent)
    },
    async close() {
      await Promise.race([provider.shutdown(), setTimeout(CLOSE_WITHIN_MS, undefined, { ref: false })])
    },
  }
}
