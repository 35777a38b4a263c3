import type { IncomingMessage } from 'node:http'
import { BlockList, isIPv6 } from 'node:net'

export type IsTrusted = (address: string) => boolean

/** Tells whether an address is one of the given addresses or in one of the subnets. */
export function createTrust(list: readonly string[]): IsTrusted {
  const trusted = new BlockList()
  for (const entry of list) {
    const [address = '', bits] = entry.split('/')
    if (bits === undefined) trusted.addAddress(address, familyOf(address))
    else trusted.addSubnet(address, Number(bits), familyOf(address))
  }
  return (address) => {
    const plain = withoutMapping(address)
    return trusted.check(plain, familyOf(plain))
  }
}

/** Who is at the other end: the last address that a trusted proxy vouches for. As Fastify does it for requests. */
export function clientAddress({ socket, headers }: IncomingMessage, isTrusted: IsTrusted): string {
  const header = headers['x-forwarded-for']
  const forwarded = (Array.isArray(header) ? header.join() : (header ?? ''))
    .split(',')
    .map((one) => one.trim())
  let address = socket.remoteAddress ?? ''
  while (isTrusted(address)) {
    const before = forwarded.pop()
    if (!before) break
    address = before
  }
  return withoutMapping(address)
}

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')

/** A socket that listens on both families gives IPv4 addresses as ::ffff:1.2.3.4. */
const withoutMapping = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '')
