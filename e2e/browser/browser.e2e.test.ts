import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mallState, type MallClient } from '@mall/testing'
import { clientOf, createSku } from '../shop.ts'

const pictures = join(import.meta.dirname, '..', '..', '.cache', 'screenshots')
let browser: Browser
let staff: MallClient
beforeAll(async () => {
  mkdirSync(pictures, { recursive: true })
  staff = await clientOf('staff@mall.test')
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
})
afterAll(async () => {
  await browser.close()
  await staff.close()
})

const shop = () => mallState().web ?? ''
const picture = (page: Page, name: string) => page.screenshot({ path: join(pictures, `${name}.png`) })

describe('a shopper in a browser', () => {
  it('signs in, searches, orders, and another window sees the stock fall', async () => {
    const skuId = await createSku(staff, { stock: 12 })
    const { sku } = await staff.query<{ sku: { product: { slug: string; name: string } } }>(
      'query ($id: ID!) { sku(id: $id) { product { slug name } } }',
      { id: skuId },
    )
    const mine = await browser.newContext({ locale: 'en', viewport: { width: 1280, height: 900 } })
    const theirs = await browser.newContext({ locale: 'en', viewport: { width: 1280, height: 900 } })
    const [buyer, watcher] = [await mine.newPage(), await theirs.newPage()]

    await buyer.goto(`${shop()}/sign-in`)
    await buyer.getByLabel(/e-?mail/i).fill('shopper@mall.test')
    await buyer.getByLabel('Password', { exact: true }).fill('mall-demo-2026')
    await buyer
      .getByRole('main')
      .getByRole('button', { name: /sign in/i })
      .click()
    await buyer.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
    await picture(buyer, '1-home')

    await buyer.getByRole('searchbox').first().fill(sku.product.name)
    await buyer.keyboard.press('Enter')
    await buyer
      .getByRole('link', { name: new RegExp(sku.product.name) })
      .first()
      .waitFor()
    await picture(buyer, '2-search')
    await buyer
      .getByRole('link', { name: new RegExp(sku.product.name) })
      .first()
      .click()
    await buyer.getByTestId('stock').waitFor()
    await watcher.goto(buyer.url())
    await watcher.getByTestId('stock').filter({ hasText: '12' }).waitFor()
    await picture(watcher, '3-product')

    await buyer.getByRole('button', { name: /add to cart/i }).click()
    await buyer.goto(`${shop()}/checkout`)
    await buyer.getByLabel(/recipient|full name/i).fill('Wang Xiaoming')
    await buyer.getByLabel(/phone/i).fill('+8613800138000')
    await buyer.getByLabel(/province|region/i).fill('Shanghai')
    await buyer.getByLabel(/city/i).fill('Shanghai')
    await buyer
      .getByLabel(/street|address/i)
      .first()
      .fill('1 Nanjing Road')
    await picture(buyer, '4-checkout')
    await buyer.getByRole('button', { name: /place order/i }).click()
    await buyer
      .getByTestId('order-status')
      .filter({ hasText: /confirmed/i })
      .waitFor()
    await picture(buyer, '5-order')

    await watcher.getByTestId('stock').filter({ hasText: '11' }).waitFor()
    await picture(watcher, '6-stock-fell')
    expect(new URL(buyer.url()).pathname).toMatch(/\/orders\/\d+/)
    await mine.close()
    await theirs.close()
  })
})
