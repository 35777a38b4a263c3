import type { NoticeReading, PaymentNotice } from '../provider.ts'
import { fenOf } from './amounts.ts'
import { readForm } from './form.ts'

/** Who a notify must be for, and how its signature is verified. */
export interface NoticeChecks {
  appId: string
  sellerId: string
  /** True when Alipay signed these parameters by RSA2. */
  verify(parameters: Record<string, string>): boolean
}

/**
 * Reads an asynchronous notify as Alipay asks for (https://opendocs.alipay.com/open/270/105902): first its signature,
 * then whether app and seller are ours. Whether there is such an order and the amount is right, the caller knows.
 */
export function readAlipayNotice(body: Buffer, { appId, sellerId, verify }: NoticeChecks): NoticeReading {
  const parameters = readForm(body)
  if (!parameters) return forged('it is not a form')
  // The library would also take RSA, which is SHA-1: whoever writes the notify must not choose that.
  if (parameters.sign_type !== 'RSA2') return forged('it is not signed by RSA2')
  if (!verify(parameters)) return forged('its signature is wrong')
  if (parameters.app_id !== appId) return foreign(`it is for the app ${parameters.app_id}`)
  if (parameters.seller_id !== sellerId) return foreign(`it is for the seller ${parameters.seller_id}`)
  const { out_trade_no: orderId = '', total_amount: total = '', trade_status: status = '' } = parameters
  if (!/^[1-9]\d{0,18}$/.test(orderId)) return foreign(`${orderId} is not a number of an order`)
  const amount = fenOf(total)
  if (amount === null) return foreign(`${total} is not an amount`)
  return { kind: 'GENUINE', notice: { orderId, amount, currency: 'CNY', status: standingOf(status) } }
}

/** What Alipay's name for the state of a trade means. One that it adds later is taken for not decided. */
export function standingOf(tradeStatus: string): PaymentNotice['status'] {
  if (tradeStatus === 'TRADE_SUCCESS' || tradeStatus === 'TRADE_FINISHED') return 'SUCCEEDED'
  return tradeStatus === 'TRADE_CLOSED' ? 'CLOSED' : 'OPEN'
}

const forged = (reason: string) => ({ kind: 'FORGED', reason }) as const
const foreign = (reason: string) => ({ kind: 'FOREIGN', reason }) as const
