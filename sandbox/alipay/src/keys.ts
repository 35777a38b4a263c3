import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the sandbox signs with, and what it verifies merchants' requests by. */
export interface Keys {
  alipayPrivate: KeyObject
  appPublic: KeyObject
}

const read = (name: string) => readFileSync(join(import.meta.dirname, '..', 'keys', name), 'utf8')

/** The pair of keys that ship with the sandbox. */
export const developmentKeys = (): Keys => ({
  alipayPrivate: createPrivateKey(read('alipay-private.pem')),
  appPublic: createPublicKey(read('app-public.pem')),
})

/** The one merchant that the sandbox knows. */
export const developmentMerchant = { appId: '9021000000000001', sellerId: '2088000000000001' } as const
