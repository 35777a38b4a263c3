import { yuanOf } from './amount.ts'
import type { Failure } from './failures.ts'
import type { Trade } from './trades.ts'

const texts = {
  zh: {
    title: '支付宝沙箱',
    note: '仅供开发：不会真实扣款。',
    pay: '确认付款',
    cancel: '取消',
    ended: '这笔交易已结束：',
  },
  en: {
    title: 'Alipay sandbox',
    note: 'For development: nothing is charged.',
    pay: 'Pay',
    cancel: 'Cancel',
    ended: 'This trade has ended: ',
  },
} as const

/** In which language a browser wants to be spoken to. */
export const languageOf = (accepted: string | undefined): keyof typeof texts =>
  accepted?.toLowerCase().startsWith('zh') ? 'zh' : 'en'

/** The page where the buyer pays. */
export function payPage(trade: Trade, language: keyof typeof texts): string {
  const text = texts[language]
  const choice = (decision: string, label: string) =>
    `<button name="decision" value="${decision}">${label}</button>`
  const form = `<form method="post" action="/sandbox/pay">
      <input type="hidden" name="trade_no" value="${trade.tradeNo}">
      ${choice('pay', text.pay)} ${choice('cancel', text.cancel)}
    </form>`
  return page(
    language,
    `<h1>${text.title}</h1>
    <p>${escape(trade.subject)}</p>
    <p class="amount">¥${yuanOf(trade.total)}</p>
    ${trade.status === 'WAIT_BUYER_PAY' ? form : `<p>${text.ended}${trade.status}</p>`}
    <p class="note">${text.note}</p>`,
  )
}

/** The page for a request that is refused. */
export const refusalPage = ({ sub_code, sub_msg }: Failure, language: keyof typeof texts): string =>
  page(language, `<h1>${texts[language].title}</h1><p>${escape(sub_code)}</p><p>${escape(sub_msg)}</p>`)

const page = (language: keyof typeof texts, body: string) => `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>${texts[language].title}</title>
  <style>
    body { max-width: 26rem; margin: 4rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; text-align: center }
    .amount { font-size: 2.5rem; font-weight: 600 }
    .note { color: #595959 }
    button { padding: .75rem 2rem; border: 0; border-radius: .5rem; background: #1256b4; color: #fff; font: inherit }
    button + button { background: #e8e8e8; color: #222 }
  </style>
  <main>
    ${body}
  </main>
</html>
`

const escape = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
