/** The most that Alipay takes at once, in fen. */
const most = 100_000_000_00

/** Fen as Alipay writes amounts: yuan with two decimals. Exact, without floating point. */
export function yuanOf(fen: number): string {
  if (!Number.isSafeInteger(fen) || fen < 1) throw new RangeError(`${fen} is not an amount in fen`)
  const digits = String(fen).padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** Yuan as Alipay writes them in fen; null when the text is no amount with at most two decimals. */
export function fenOf(yuan: string): number | null {
  const [, whole, cents = ''] = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(yuan) ?? []
  return whole === undefined ? null : Number(`${whole}${cents.padEnd(2, '0')}`)
}

/** True for what can be paid by Alipay. */
export const isPayable = (fen: number): boolean => Number.isSafeInteger(fen) && fen >= 1 && fen <= most
