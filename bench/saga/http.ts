import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'

/** Answers a JSON body with JSON; what it throws is a 500 with the message. */
export type Handler = (body: unknown) => Promise<object>

/** A plain HTTP front: POST with JSON, kept-alive connections. The same before every process of both sides. */
export async function startFront(
  routes: Record<string, Handler>,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const handle = routes[request.url ?? '']
    const answer = handle
      ? readBody(request).then((body) => handle(body))
      : Promise.reject(new Error('No such path'))
    answer.then(
      (result) => end(200, result),
      (error: unknown) => end(500, { error: error instanceof Error ? error.message : String(error) }),
    )
    function end(status: number, result: object): void {
      const text = JSON.stringify(result)
      response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      })
      response.end(text)
    }
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Calls fronts in turn; throws when an answer is not 200. */
export interface Caller {
  call<Answer>(path: string, body: object): Promise<Answer>
  close(): Promise<void>
}

/** Kept-alive connections to each front, as many as calls are in flight, up to 512. */
export function createCaller(...urls: string[]): Caller {
  const pools = urls.map((url) => new Pool(url, { connections: 512, pipelining: 1 }))
  let turn = 0
  return {
    async call<Answer>(path: string, body: object) {
      const pool = pools[(turn += 1) % pools.length]
      if (!pool) throw new Error('There is no front to call')
      const { statusCode, body: stream } = await pool.request({
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      const text = await stream.text()
      if (statusCode !== 200) throw new Error(`${path} was answered with ${statusCode}: ${text}`)
      return JSON.parse(text) as Answer
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.close()))
    },
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString())
}
