import { ExportResultCode } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import type { SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { Logger } from '@mall/service/logger'
import type { TracingConfig } from './config.ts'

/** Sends spans to a collector. Those that cannot be sent are lost, which is logged once until others can. */
export function createExporter({ url, timeoutMs }: TracingConfig, logger: Logger): SpanExporter {
  const exporter = new OTLPTraceExporter({
    url,
    ...(timeoutMs === undefined ? {} : { timeoutMillis: timeoutMs }),
  })
  let isFailing = false
  return {
    export(spans, done) {
      exporter.export(spans, ({ code, error }) => {
        const failed = code === ExportResultCode.FAILED
        if (failed && !isFailing) logger.warn({ error }, 'traces cannot be sent and are lost')
        if (!failed && isFailing) logger.info('traces are sent again')
        isFailing = failed
        done({ code: ExportResultCode.SUCCESS })
      })
    },
    shutdown: () => exporter.shutdown(),
  }
}
