import { z } from 'zod'

/** Where traces go, and in whose name. What is left out is as OpenTelemetry's variables say. */
export interface TracingConfig {
  /** Takes OTLP by HTTP, such as `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string
  readonly serviceName: string
  /** Spans wait so long for others to be sent with; milliseconds. @default OTEL_BSP_SCHEDULE_DELAY, else 5,000 */
  readonly delayMs?: number
  /** How long sending may take, with retries; milliseconds. @default OTEL_EXPORTER_OTLP_TIMEOUT, else 10,000 */
  readonly timeoutMs?: number
}

/** OTEL_TRACES_SAMPLER: what is traced. OpenTelemetry's library reads it, and takes what it does not know for the default. */
export const sampler = () =>
  z
    .enum([
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ])
    .default('parentbased_always_on')

/** OTEL_TRACES_SAMPLER_ARG: the part that a ratio takes. */
export const samplerRatio = () => z.coerce.number().min(0).max(1).default(1)

/** Null: nothing is traced. @param base of a collector, which knows each signal by its path. */
export function tracingOf(
  url: string | undefined,
  base: string | undefined,
  serviceName: string,
): TracingConfig | null {
  if (url !== undefined) return { url, serviceName }
  return base === undefined ? null : { url: `${base.replace(/\/$/, '')}/v1/traces`, serviceName }
}
