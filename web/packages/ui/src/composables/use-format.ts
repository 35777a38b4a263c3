import { useI18n } from 'vue-i18n'
import { formatDate, formatDateTime, formatMoney, formatTime } from '../format.ts'
import type { MoneyLike } from '../format.ts'

/** Money and dates in the language of the page; they follow when it is switched. */
export function useFormat() {
  const { locale } = useI18n()
  return {
    money: (money: MoneyLike, exact = false) => formatMoney(money, locale.value, exact),
    date: (iso: string) => formatDate(iso, locale.value),
    dateTime: (iso: string) => formatDateTime(iso, locale.value),
    time: (iso: string) => formatTime(iso, locale.value),
  }
}
