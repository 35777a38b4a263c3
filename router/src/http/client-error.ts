import type { Socket } from 'node:net'
import { graphError } from '@mall/service/errors'

const refusals = new Map([
  ['HPE_HEADER_OVERFLOW', ['431 Request Header Fields Too Large', 'The headers are larger than is allowed.']],
  ['ERR_HTTP_REQUEST_TIMEOUT', ['408 Request Timeout', 'The request took too long to arrive.']],
] as const)

/** Answers what is not HTTP, or comes too slowly, and closes the connection. */
export function refuseMalformed(error: Error & { code: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const known = [...refusals].find(([code]) => code === error.code)?.[1]
  const [status, message] = known ?? ['400 Bad Request', 'The request is malformed.']
  const body = JSON.stringify({ errors: [graphError('BAD_USER_INPUT', message).toJSON()] })
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  )
}
