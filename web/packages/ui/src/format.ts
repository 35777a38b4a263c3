/** Money as the graph has it: minor units (fen, cents) and an ISO 4217 code. */
export interface MoneyLike {
  readonly amount: number
  readonly currency: string
}

/**
 * The parts of a price, so that its fraction can be set smaller.
 * @param exact keep the fraction of a round amount, as in a bill; else ¥199 rather than ¥199.00.
 */
export function moneyParts(money: MoneyLike, locale: string, exact = false): Intl.NumberFormatPart[] {
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: money.currency,
    currencyDisplay: 'narrowSymbol',
    trailingZeroDisplay: exact ? 'auto' : 'stripIfInteger',
  })
  return format.formatToParts(money.amount / minorUnits(money.currency))
}

export function formatMoney(money: MoneyLike, locale: string, exact = false): string {
  return moneyParts(money, locale, exact)
    .map(({ value }) => value)
    .join('')
}

/** Minor units in one major unit: 100 for most, 1 for currencies without cents. */
export function minorUnits(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions()
  return 10 ** (maximumFractionDigits ?? 2)
}

export function formatDateTime(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso))
}

export function formatDate(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(new Date(iso))
}

/** Time of day with seconds: steps of an order follow one another within one. */
export function formatTime(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'medium' }).format(new Date(iso))
}
