import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { z } from 'zod'
import { createApi, refusal, type ApiAnswer, type Template } from './api.ts'
import type { Config } from './config.ts'
import { createFaults, fault } from './faults.ts'
import { createMessages, type SentMessage } from './messages.ts'
import { page } from './page.ts'
import { isSigned, readAuthorization, type SignedRequest } from './signature.ts'

export type { Fault } from './faults.ts'
export type { SentMessage } from './messages.ts'

/** What to start the sandbox with. */
export interface SandboxOptions extends Pick<Config, 'accessKey' | 'signName'> {
  now?: () => Date
}

/** How far a request's date may be off, and how long its nonce is remembered. */
const toleranceMs = 15 * 60_000

/**
 * A server that speaks the SMS provider's protocol, signatures included, and sends nothing.
 * `POST /` is the provider; `/` a page and `/messages` JSON with what was sent, newest first; `/faults` takes a fault to
 * come (`POST`), shows those planned (`GET`) or forgets them (`DELETE`).
 */
export function createSandbox({
  accessKey,
  signName,
  now = () => new Date(),
}: SandboxOptions): FastifyInstance {
  const messages = createMessages()
  const faults = createFaults()
  const api = createApi({ account: { signName, templates: readTemplates() }, messages, faults, now })
  const nonces = new Map<string, number>()

  const server = Fastify()
  server.removeAllContentTypeParsers()
  // The signature is over the body's bytes.
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  server.post('/', async (request, reply) => give(reply, decide(request)))
  server.get('/', async (_request, reply) =>
    reply
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'",
      )
      .type('text/html; charset=utf-8')
      .send(page),
  )
  server.get('/page.js', async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(readFileSync(join(import.meta.dirname, 'page.js'))),
  )
  server.get('/messages', async (request): Promise<SentMessage[]> =>
    messages.list(filter.parse(request.query)),
  )
  server.delete('/messages', async () => messages.clear())
  server.get('/faults', async () => faults.planned())
  server.post('/faults', async (request, reply) => {
    const read = fault.safeParse(jsonOf(bytesOf(request)))
    if (!read.success) return reply.code(400).send(read.error.issues)
    faults.plan(read.data)
    return faults.planned()
  })
  server.delete('/faults', async () => faults.clear())
  for (const path of ['/healthz', '/readyz']) server.get(path, async () => ({ ok: true }))
  return server

  function decide(request: FastifyRequest): ApiAnswer {
    const signed = signedPartOf(request)
    const authorization = readAuthorization(signed.headers.authorization)
    if (!authorization) return refusal(400, 'IncompleteSignature', 'No ACS3-HMAC-SHA256 authorization.')
    if (authorization.accessKeyId !== accessKey.id)
      return refusal(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.')
    if (!isSigned(signed, authorization, accessKey.secret))
      return refusal(400, 'SignatureDoesNotMatch', 'Specified signature is not matched with our calculation.')
    const at = Date.parse(signed.headers['x-acs-date'] ?? '')
    if (!(Math.abs(now().getTime() - at) <= toleranceMs))
      return refusal(400, 'InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.')
    if (!isNew(signed.headers['x-acs-signature-nonce'] ?? ''))
      return refusal(400, 'SignatureNonceUsed', 'Specified signature nonce was used already.')
    if (signed.headers['x-acs-version'] !== '2017-05-25')
      return refusal(404, 'InvalidVersion', 'Specified parameter Version is not valid.')
    return api(signed.headers['x-acs-action'] ?? '', signed.query)
  }

  function isNew(nonce: string): boolean {
    const time = now().getTime()
    for (const [known, until] of nonces) if (until < time) nonces.delete(known)
    if (nonce === '' || nonces.has(nonce)) return false
    nonces.set(nonce, time + 2 * toleranceMs)
    return true
  }
}

async function give(reply: FastifyReply, { status, body, delayMs = 0, hangUp = false }: ApiAnswer) {
  if (hangUp) {
    reply.hijack()
    reply.raw.destroy()
    return
  }
  await sleep(delayMs)
  return reply.code(status).send(body)
}

function signedPartOf(request: FastifyRequest): SignedRequest {
  const { pathname, searchParams } = new URL(request.url, 'http://sandbox')
  return {
    method: request.method,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]),
    ),
    body: bytesOf(request),
  }
}

const bytesOf = ({ body }: FastifyRequest) => (Buffer.isBuffer(body) ? body : Buffer.alloc(0))

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}

const filter = z.object({ phone: z.string().optional(), outId: z.string().optional() })

/** What the account of development has had approved. */
const readTemplates = () =>
  z
    .array(z.object({ code: z.string(), content: z.string() }) satisfies z.ZodType<Template>)
    .parse(JSON.parse(readFileSync(join(import.meta.dirname, '..', 'templates.json'), 'utf8')))
