import { describe, expect, it } from 'vitest'
import { chosenFacets, isChosen, parseFilters, toInput, toQuery, toggle } from './search-filters.ts'

const query = {
  q: 'lamp',
  category: 'c1',
  price: '1000-1999',
  o: ['colour:red', 'size:M'],
  stock: '1',
  sort: 'NEWEST',
}

describe('search filters in the address', () => {
  it('survive writing and reading', () => {
    expect(toQuery(parseFilters(query))).toEqual(query)
  })

  it('leave out what is not set', () => {
    expect(toQuery(parseFilters({}))).toEqual({})
    expect(toInput(parseFilters({}))).toEqual({ sort: 'RELEVANCE' })
  })

  it('leave out what makes no sense', () => {
    expect(
      toQuery(parseFilters({ price: 'cheap', o: 'red', stock: 'yes', sort: 'RANDOM', category: null })),
    ).toEqual({})
  })

  it('become the input of the graph', () => {
    expect(toInput(parseFilters({ ...query, price: '-500' }))).toEqual({
      text: 'lamp',
      category: 'c1',
      maxPrice: 500,
      options: [
        { name: 'colour', value: 'red' },
        { name: 'size', value: 'M' },
      ],
      inStock: true,
      sort: 'NEWEST',
    })
  })
})

describe('toggle', () => {
  it.each([
    ['category', 'c2'],
    ['price', '0-499'],
    ['price', '5000-'],
    ['inStock', 'true'],
    ['colour', 'red'],
  ])('chooses %s %s and gives it up again', (facet, value) => {
    const on = toggle(parseFilters({}), facet, value)
    expect(isChosen(on, facet, value)).toBe(true)
    expect(chosenFacets(on)).toEqual([{ facet, value }])
    expect(toQuery(toggle(on, facet, value))).toEqual({})
  })

  it('keeps another value of the same option, but has one category', () => {
    const red = toggle(parseFilters({}), 'colour', 'red')
    expect(chosenFacets(toggle(red, 'colour', 'blue')).map(({ value }) => value)).toEqual(['red', 'blue'])
    const c1 = toggle(parseFilters({}), 'category', 'c1')
    expect(chosenFacets(toggle(c1, 'category', 'c2')).map(({ value }) => value)).toEqual(['c2'])
  })
})
