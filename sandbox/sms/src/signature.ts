import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** A request as far as its signature goes. `query` decoded, `headers` with names in lower case. */
export interface SignedRequest {
  method: string
  path: string
  query: Readonly<Record<string, string>>
  headers: Readonly<Record<string, string | undefined>>
  body: Buffer
}

/** What an Authorization header says. */
export interface Authorization {
  accessKeyId: string
  signedHeaders: readonly string[]
  signature: string
}

/**
 * The signature of Alibaba Cloud's version 3, "ACS3-HMAC-SHA256", written from its documentation alone
 * (help.aliyun.com, "V3 request structure and signature"), so that the client's library is checked by code of another hand.
 */
export const algorithm = 'ACS3-HMAC-SHA256'

/** Reads an Authorization header; null when it is none of ours. */
export function readAuthorization(header: string | undefined): Authorization | null {
  const found = /^ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})$/.exec(
    header ?? '',
  )
  if (!found) return null
  const [, accessKeyId = '', names = '', signature = ''] = found
  return { accessKeyId, signedHeaders: names.split(';'), signature }
}

/** The text whose digest is signed. */
export function canonicalRequest(request: SignedRequest, signedHeaders: readonly string[]): string {
  const query = Object.entries(request.query)
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
  const headers = signedHeaders.toSorted().map((name) => `${name}:${(request.headers[name] ?? '').trim()}\n`)
  return [
    request.method,
    request.path,
    query.join('&'),
    headers.join(''),
    signedHeaders.toSorted().join(';'),
    sha256(request.body),
  ].join('\n')
}

/** The signature that a request must carry, hexadecimal. */
export function sign(request: SignedRequest, signedHeaders: readonly string[], secret: string): string {
  const digest = sha256(canonicalRequest(request, signedHeaders))
  return createHmac('sha256', secret).update(`${algorithm}\n${digest}`).digest('hex')
}

/**
 * Whether a request is signed with this secret, over all that must be signed: host, content type and every x-acs header
 * that is there; else what is not named could be changed on the way.
 */
export function isSigned(
  request: SignedRequest,
  { signedHeaders, signature }: Authorization,
  secret: string,
) {
  const mustBeSigned = Object.keys(request.headers).filter(
    (name) => name === 'host' || name === 'content-type' || name.startsWith('x-acs-'),
  )
  if (!mustBeSigned.every((name) => signedHeaders.includes(name))) return false
  if (request.headers['x-acs-content-sha256'] !== sha256(request.body)) return false
  const expected = Buffer.from(sign(request, signedHeaders, secret))
  return timingSafeEqual(expected, Buffer.from(signature))
}

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')

/** RFC 3986; encodeURIComponent leaves five characters that it reserves. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
