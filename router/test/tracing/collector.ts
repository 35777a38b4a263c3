import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { vi } from 'vitest'

/** A span as it was received; attributes by name. */
export interface ReceivedSpan {
  readonly name: string
  readonly kind: 'server' | 'client'
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly attributes: Readonly<Record<string, unknown>>
  readonly isError: boolean
  readonly milliseconds: number
}

/** What takes spans by OTLP over HTTP, in JSON. */
export interface Collector {
  readonly url: string
  readonly spans: readonly ReceivedSpan[]
  /** All that was received, as text. */
  readonly texts: readonly string[]
  /** Names of services that sent them. */
  readonly services: ReadonlySet<unknown>
  /** Waits for the span of that name that comes next. */
  next(name: string): Promise<ReceivedSpan>
  /** Answers with this status, or never. */
  status: number | null
  close(): Promise<void>
}

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: number; readonly boolValue?: boolean }
}

interface SentSpan {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly attributes: readonly Attribute[]
  readonly status: { readonly code: number }
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[]
  }[]
}

export async function startCollector(): Promise<Collector> {
  const spans: ReceivedSpan[] = []
  const texts: string[] = []
  const services = new Set<unknown>()
  let taken = 0
  const server = createServer((request, response) => void take(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const collector: Collector = {
    url: `http://127.0.0.1:${port}/v1/traces`,
    spans,
    texts,
    services,
    async next(name) {
      const index = await vi.waitFor(
        () => {
          const found = spans.findIndex((span, index) => index >= taken && span.name === name)
          if (found < 0) throw new Error(`no ${name} among ${spans.map((span) => span.name).join()}`)
          return found
        },
        { timeout: 3_000, interval: 10 },
      )
      taken = index + 1
      const span = spans[index]
      if (!span) throw new Error('unreachable')
      return span
    },
    status: 200,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return collector

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (collector.status === null) return
    if (collector.status === 200) receive(Buffer.concat(chunks).toString())
    response.writeHead(collector.status, { 'content-type': 'application/json' }).end('{}')
  }

  function receive(text: string): void {
    texts.push(text)
    const { resourceSpans } = JSON.parse(text) as Sent
    for (const { resource, scopeSpans } of resourceSpans) {
      services.add(read(resource.attributes)['service.name'])
      for (const one of scopeSpans) spans.push(...one.spans.map(toReceived))
    }
  }
}

const read = (attributes: readonly Attribute[]) =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.boolValue]),
  )

const toReceived = ({ name, traceId, spanId, parentSpanId, ...span }: SentSpan): ReceivedSpan => ({
  name,
  traceId,
  spanId,
  parentSpanId: parentSpanId || undefined,
  kind: span.kind === 2 ? 'server' : 'client',
  attributes: read(span.attributes),
  isError: span.status.code === 2,
  milliseconds: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
})
