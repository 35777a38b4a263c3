import type { FastifyInstance } from 'fastify'
import type { NoticeOutcome, Notices } from '../participants/payment/notices.ts'

/** A notify has about forty short parameters. */
const bodyLimit = 64 * 1024

/**
 * Answers `POST /payments/alipay/notify` in the words that Alipay waits for: `success`, or anything else to be told
 * again. The body stays as the bytes that were signed; the signature is what authenticates it.
 */
export async function servePaymentNotices(app: FastifyInstance, take: Notices): Promise<void> {
  await app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, parsed) =>
      parsed(null, body),
    )
    scope.post('/payments/alipay/notify', async ({ body }, reply) => {
      const outcome = await take('ALIPAY', Buffer.isBuffer(body) ? body : Buffer.alloc(0))
      return reply
        .code(statusOf(outcome))
        .type('text/plain; charset=utf-8')
        .send(outcome === 'TAKEN' ? 'success' : 'fail')
    })
    done()
  })
}

/** One that is good but cannot be taken now is no fault of the sender's. */
const statusOf = (outcome: NoticeOutcome) => (outcome === 'TAKEN' || outcome === 'LATER' ? 200 : 400)
