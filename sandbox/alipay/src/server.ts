import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@mall/service/logger'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { yuanOf } from './amount.ts'
import { refuseRequest, type Parameters } from './authenticate.ts'
import { failure, isFailure } from './failures.ts'
import type { Keys } from './keys.ts'
import { methods, openTrade, type Answer, type Desk } from './methods.ts'
import { createNotices } from './notices.ts'
import { languageOf, payPage, refusalPage } from './pay-page.ts'
import { contentOf, sign } from './signing.ts'
import { readSwitches, takeOne, wellBehaved, type Switches } from './switches.ts'
import { chinaTime } from './time.ts'
import { createTrades, type Trade } from './trades.ts'

/** What a sandbox is made of. */
export interface SandboxOptions {
  listen: { host: string; port: number }
  keys: Keys
  merchant: { appId: string; sellerId: string }
  /** See `NoticeOptions`. */
  retryAfterMs: readonly number[]
  logger: Logger
  /** @default the system's clock */
  clock?: () => Date
}

/** A sandbox that answers. */
export interface RunningSandbox {
  url: string
  switches: Switches
  trades(): Trade[]
  close(): Promise<void>
}

/** Starts a server that speaks Alipay's protocol: the gateway, its pay page, its notifies, and the switches. */
export async function startSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const { keys, merchant, retryAfterMs, logger, clock = () => new Date() } = options
  const switches = { ...wellBehaved }
  const trades = createTrades(clock)
  const notices = createNotices({ merchant, key: keys.alipayPrivate, switches, retryAfterMs, logger })

  const app = fastify({ logger: false, forceCloseConnections: true })
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  )
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', () => ({ status: 'ready' }))
  serveGateway(app)
  servePayPage(app)
  serveAdministration(app)
  const url = await app.listen(options.listen)
  return {
    url,
    switches,
    trades: trades.all,
    async close() {
      await notices.stop()
      await app.close()
    },
  }

  function serveGateway(app: FastifyInstance): void {
    app.route({
      method: ['GET', 'POST'],
      url: '/gateway.do',
      handler: async (request, reply) => {
        const parameters = parametersOf(request)
        const { appId } = merchant
        const refusal = refuseRequest(parameters, { appId, appPublic: keys.appPublic, now: clock() })
        const { method = '' } = parameters
        if (method === 'alipay.trade.page.pay') {
          const trade = refusal ?? openTrade(parameters, trades)
          const language = languageOf(request.headers['accept-language'])
          return sendPage(reply, isFailure(trade) ? refusalPage(trade, language) : payPage(trade, language))
        }
        const answer =
          refusal ?? methods[method]?.(parameters, deskOf(request)) ?? failure('isv.invalid-method')
        await sleep(switches.gatewayDelayMs)
        if (takeOne(switches, 'loseAnswers')) return reply.code(502).send('Bad Gateway')
        return reply.type('application/json; charset=utf-8').send(signedAnswer(method, answer))
      },
    })
  }

  function servePayPage(app: FastifyInstance): void {
    app.get<{ Params: { tradeNo: string } }>('/qr/:tradeNo', (request, reply) => {
      const trade = trades.findByTradeNo(request.params.tradeNo)
      const language = languageOf(request.headers['accept-language'])
      return sendPage(
        reply,
        trade ? payPage(trade, language) : refusalPage(failure('ACQ.TRADE_NOT_EXIST'), language),
      )
    })
    app.post('/sandbox/pay', (request, reply) => {
      const { trade_no: tradeNo = '', decision } = parametersOf(request)
      const language = languageOf(request.headers['accept-language'])
      const trade = trades.findByTradeNo(tradeNo)
      if (!trade) return sendPage(reply, refusalPage(failure('ACQ.TRADE_NOT_EXIST'), language))
      const refusal = decision === 'pay' ? trades.pay(trade) : trades.close(trade)
      if (refusal) return sendPage(reply, refusalPage(refusal, language))
      notices.tell(trade)
      if (trade.returnUrl === null) return sendPage(reply, payPage(trade, language))
      return reply.redirect(decision === 'pay' ? returnUrlOf(trade, trade.returnUrl) : trade.returnUrl, 303)
    })
  }

  function serveAdministration(app: FastifyInstance): void {
    app.get('/sandbox/trades', () => trades.all().map(describe))
    app.get('/sandbox/switches', () => switches)
    app.post('/sandbox/switches', (request, reply) => {
      const change = readSwitches(request.body)
      if ('problem' in change) return reply.code(400).send(change)
      return reply.send(Object.assign(switches, change))
    })
    app.delete('/sandbox/switches', () => Object.assign(switches, wellBehaved))
  }

  function deskOf(request: FastifyRequest): Desk {
    const payUrlOf = ({ tradeNo }: Trade) => `${request.protocol}://${request.host}/qr/${tradeNo}`
    return { trades, switches, payUrlOf, notify: notices.tell }
  }

  /** The answer is signed as the text that it is, with slashes escaped as the real gateway does it. */
  function signedAnswer(method: string, answer: Answer | object): string {
    const fields = isFailure(answer) ? answer : { code: '10000', msg: 'Success', ...answer }
    const text = JSON.stringify(fields).replaceAll('/', String.raw`\/`)
    const name = method in methods ? `${method.replaceAll('.', '_')}_response` : 'error_response'
    return `{"${name}":${text},"sign":"${sign(text, keys.alipayPrivate)}"}`
  }

  function returnUrlOf(trade: Trade, returnUrl: string): string {
    const parameters = {
      charset: 'utf-8',
      method: 'alipay.trade.page.pay.return',
      version: '1.0',
      app_id: merchant.appId,
      auth_app_id: merchant.appId,
      seller_id: merchant.sellerId,
      out_trade_no: trade.outTradeNo,
      trade_no: trade.tradeNo,
      total_amount: yuanOf(trade.total),
      timestamp: chinaTime(clock()),
    }
    const signature = sign(contentOf(parameters), keys.alipayPrivate)
    const url = new URL(returnUrl)
    for (const [name, value] of Object.entries({ ...parameters, sign_type: 'RSA2', sign: signature }))
      url.searchParams.set(name, value)
    return url.href
  }
}

function parametersOf({ query, body }: FastifyRequest): Parameters {
  const isText = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string'
  return Object.fromEntries([...Object.entries(query ?? {}), ...Object.entries(body ?? {})].filter(isText))
}

const sendPage = (reply: FastifyReply, html: string) =>
  reply
    .type('text/html; charset=utf-8')
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    )
    .send(html)

const describe = ({ outTradeNo, tradeNo, status, total, refunds }: Trade) => ({
  outTradeNo,
  tradeNo,
  status,
  total: yuanOf(total),
  refunds: [...refunds].map(([outRequestNo, amount]) => ({ outRequestNo, amount: yuanOf(amount) })),
})
