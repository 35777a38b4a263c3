import { useFormat, useWords } from '@mall/web-ui'
import { useI18n } from 'vue-i18n'
import { parsePrice } from '../search/search-filters.ts'
import { useCategories } from './use-categories.ts'

/** Words for facets and their values. */
export function useFacetLabels(currency: () => string) {
  const { t, te } = useI18n()
  const { money } = useFormat()
  const { optionName, optionValue } = useWords()
  const { nameOf } = useCategories()

  function facetLabel(facet: string): string {
    return te(`products.search.facet.${facet}`) ? t(`products.search.facet.${facet}`) : optionName(facet)
  }

  function valueLabel(facet: string, value: string): string {
    if (facet === 'category') return nameOf(value) ?? value
    if (facet === 'inStock') return t(`products.search.inStock.${value}`)
    return facet === 'price' ? priceLabel(value) : optionValue(value)
  }

  function priceLabel(value: string): string {
    const [min, max] = parsePrice(value)
    const price = (amount: number) => money({ amount, currency: currency() })
    if (max === null) return t('products.search.above', { min: price(min ?? 0) })
    return min ? `${price(min)} – ${price(max)}` : t('products.search.upTo', { max: price(max) })
  }

  return { facetLabel, valueLabel }
}
