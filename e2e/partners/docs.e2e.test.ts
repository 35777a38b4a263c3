import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { routerUrl } from '../shop.ts'

let browser: Browser
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
})
afterAll(() => browser.close())

it('a partner tries a route at /docs with a key, and the page asks nobody else for anything', async () => {
  const page = await browser.newPage()
  const asked = new Set<string>()
  const complaints: string[] = []
  page.on('request', (request) => void asked.add(new URL(request.url()).origin))
  page.on('pageerror', (error) => void complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page.goto(`${routerUrl()}/docs`)
  await page.locator('button.authorize').first().click()
  const [apiKey, bearer] = [page.locator('.auth-container').first(), page.locator('.auth-container').last()]
  expect(await bearer.innerText()).toContain('bearer')
  await apiKey.locator('input').fill('key_demo-partner-for-development-only')
  await apiKey.locator('button.authorize').click()
  await apiKey.locator('button.btn-done').click()

  const route = page.locator('#operations-orders-listOrders')
  await route.locator('.opblock-summary').click()
  await route.locator('.try-out__btn').click()
  await route.locator('.execute').click()
  const answer = route.locator('.live-responses-table')
  await answer.waitFor()
  expect(await answer.innerText()).toMatch(/^200/m)
  expect(complaints).toEqual([])
  expect([...asked]).toEqual([routerUrl()])
})
