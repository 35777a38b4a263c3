import { describe, expect, it } from 'vitest'
import { priceOrRefuse, refuseMalformed, type Placement, type SkuKnowledge } from './placement.ts'

const placement = (changes: Partial<Placement> = {}): Placement => ({
  lines: [{ skuId: 'mug', quantity: 2 }],
  shippingAddress: {
    recipient: '王小明',
    phone: '+8613800138000',
    region: 'Shanghai',
    city: 'Shanghai',
    line1: '1 Nanjing Road',
    line2: null,
    postalCode: null,
  },
  paymentMethod: 'SANDBOX',
  flashSaleId: null,
  admissionToken: null,
  idempotencyKey: 'key-1',
  ...changes,
})

const addressed = (changes: Partial<Placement['shippingAddress']>) =>
  placement({ shippingAddress: { ...placement().shippingAddress, ...changes } })

describe('a placement', () => {
  it('is accepted when it is well formed', () => {
    expect(refuseMalformed(placement(), ['SANDBOX'])).toBeNull()
  })

  it.each([
    ['has no lines', placement({ lines: [] }), 'lines'],
    ['orders nothing of a SKU', placement({ lines: [{ skuId: 'mug', quantity: 0 }] }), 'lines.0.quantity'],
    ['orders less than nothing', placement({ lines: [{ skuId: 'mug', quantity: -1 }] }), 'lines.0.quantity'],
    ['orders more than 1,000', placement({ lines: [{ skuId: 'mug', quantity: 1_001 }] }), 'lines.0.quantity'],
    [
      'repeats a SKU',
      placement({
        lines: [
          { skuId: 'mug', quantity: 1 },
          { skuId: 'mug', quantity: 1 },
        ],
      }),
      'lines.1.skuId',
    ],
    ['has a blank recipient', addressed({ recipient: '  ' }), 'shippingAddress.recipient'],
    ['has an over-long street', addressed({ line1: 'x'.repeat(201) }), 'shippingAddress.line1'],
    ['has an over-long second line', addressed({ line2: 'x'.repeat(201) }), 'shippingAddress.line2'],
    ['has a blank key', placement({ idempotencyKey: ' ' }), 'idempotencyKey'],
    ['is paid by a method that is not offered', placement({ paymentMethod: 'ALIPAY' }), 'paymentMethod'],
  ])('is refused at the right field when it %s', (_, given, field) => {
    expect(refuseMalformed(given, ['SANDBOX'])).toMatchObject({ __typename: 'InvalidInputError', field })
  })

  it('is refused for a flash sale without a genuine admission', () => {
    const refusal = refuseMalformed(placement({ flashSaleId: 'sale', admissionToken: 'forged' }), ['SANDBOX'])
    expect(refusal).toMatchObject({ __typename: 'AdmissionInvalidError' })
  })
})

describe('the price of a placement', () => {
  const mug: SkuKnowledge = {
    id: 'mug',
    productId: 'mugs',
    code: 'MUG-1',
    name: 'Mug',
    options: [],
    price: 1_990,
    currency: 'CNY',
    archived: false,
    available: 5,
  }
  const price = (sku: Partial<SkuKnowledge>, given = placement()) =>
    priceOrRefuse(given, new Map([['mug', { ...mug, ...sku }]]))

  it('is the sum of its lines, each a snapshot', () => {
    expect(price({})).toMatchObject({
      total: 3_980,
      currency: 'CNY',
      lines: [{ skuCode: 'MUG-1', unitPrice: 1_990 }],
    })
  })

  it('is refused for an unknown or archived SKU', () => {
    expect(priceOrRefuse(placement(), new Map())).toMatchObject({
      __typename: 'SkuUnavailableError',
      skuId: 'mug',
    })
    expect(price({ archived: true })).toMatchObject({ __typename: 'SkuUnavailableError' })
  })

  it('is refused when the last known stock is too small', () => {
    expect(price({ available: 1 })).toMatchObject({
      shortages: [{ skuId: 'mug', requested: 2, available: 1 }],
    })
  })

  it('is given when nothing was heard of the stock', () => {
    expect(price({ available: null })).toMatchObject({ total: 3_980 })
  })

  it('is refused for mixed currencies', () => {
    const two = placement({
      lines: [
        { skuId: 'mug', quantity: 1 },
        { skuId: 'cup', quantity: 1 },
      ],
    })
    const known = new Map<string, SkuKnowledge>([
      ['mug', mug],
      ['cup', { ...mug, id: 'cup', currency: 'EUR' }],
    ])
    expect(priceOrRefuse(two, known)).toMatchObject({
      __typename: 'InvalidInputError',
      field: 'lines.1.skuId',
    })
  })
})
