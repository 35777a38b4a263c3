import { connect } from 'node:net'
import { expect } from 'vitest'
import type { Answer } from '../../src/testing/start-test-graph.ts'

export interface Told {
  readonly status: number
  readonly code: string | undefined
  readonly headers: Headers
  readonly text: string
}

/** Asks, and sees to it that whatever is refused is refused in GraphQL JSON that tells nothing of the inside. */
export async function ask(url: string, init: RequestInit = {}): Promise<Told> {
  const response = await fetch(url, init)
  const text = await response.text()
  return { ...told(response.status, text), headers: response.headers }
}

export const post = (
  url: string,
  body: BodyInit,
  headers: Record<string, string> = {},
  init: RequestInit = {},
) =>
  ask(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    ...init,
  })

export const query = (url: string, text: string, more: object = {}, headers: Record<string, string> = {}) =>
  post(url, JSON.stringify({ query: text, ...more }), headers)

/** Writes bytes to a socket in pieces, `every` milliseconds apart, and reads until the router closes it. */
export function raw(url: string, pieces: readonly string[], every = 0): Promise<Omit<Told, 'headers'>> {
  const { hostname, port } = new URL(url)
  const { promise, resolve, reject } = Promise.withResolvers<Omit<Told, 'headers'>>()
  const socket = connect(Number(port), hostname)
  const left = [...pieces]
  let answer = ''
  const timer = setInterval(() => {
    const piece = left.shift()
    if (piece !== undefined) socket.write(piece)
  }, every)
  socket.on('data', (data) => (answer += String(data)))
  socket.on('error', reject)
  socket.on('close', () => {
    clearInterval(timer)
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    resolve(told(Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1]), body))
  })
  return promise
}

function told(status: number, text: string) {
  // Of an event stream, its first event.
  const json = /^event: next\ndata: (.*)$/m.exec(text)?.[1] ?? text
  const body = JSON.parse(json || '{}') as Answer
  if (status >= 400) expect(body.errors?.[0]?.extensions.code).toMatch(/^[A-Z_]+$/)
  expect(text).not.toMatch(/stack|node_modules|FST_ERR|127\.0\.0\.1/i)
  return { status, code: body.errors?.[0]?.extensions.code, text }
}
