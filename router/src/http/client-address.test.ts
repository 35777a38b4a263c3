import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { clientAddress, createTrust } from './client-address.ts'

function from(remoteAddress: string, forwarded?: string): IncomingMessage {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress })
  const request = new IncomingMessage(socket)
  if (forwarded) request.headers['x-forwarded-for'] = forwarded
  return request
}

it('believes a proxy that is trusted, and nobody else', () => {
  const isTrusted = createTrust(['127.0.0.1', '10.0.0.0/8', '::1'])
  expect(clientAddress(from('203.0.113.9', '1.1.1.1'), isTrusted)).toBe('203.0.113.9')
  expect(clientAddress(from('::ffff:127.0.0.1', '1.1.1.1'), isTrusted)).toBe('1.1.1.1')
  expect(clientAddress(from('::1', '6.6.6.6, 203.0.113.9, 10.1.2.3'), isTrusted)).toBe('203.0.113.9')
  expect(clientAddress(from('127.0.0.1'), isTrusted)).toBe('127.0.0.1')
})
