import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * SHA-256 of the public halves of the keys that ship with the sandbox. Everybody has their private halves, so
 * production refuses them wherever they come from.
 */
const developmentKeys: readonly string[] = [
  '9315003cfbf9f08d5ebd0c2a34679617161519b09b7c0333345d5d2b2ef4dccf',
  '487fa26386a4c81c92cddd183039763d944eb6c50a8e0e9c21f482a176ae5cab',
]

const folder = join(import.meta.dirname, ...Array<string>(6).fill('..'), 'sandbox', 'alipay', 'keys')

/** A key of the sandbox as PEM; undefined where the sandbox is not installed. */
export function sandboxKey(name: 'app-private.pem' | 'alipay-public.pem'): string | undefined {
  const file = join(folder, name)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/** A private key, PEM or bare base64 as Alipay's tool writes it (PKCS #1 or #8), as PKCS #8; null when it is none. */
export function readPrivateKey(text: string): KeyObject | null {
  const pem = text.replaceAll(String.raw`\n`, '\n').trim()
  if (pem.startsWith('-----')) return tryKey(() => createPrivateKey(pem))
  const key = Buffer.from(pem, 'base64')
  return (
    tryKey(() => createPrivateKey({ key, format: 'der', type: 'pkcs8' })) ??
    tryKey(() => createPrivateKey({ key, format: 'der', type: 'pkcs1' }))
  )
}

/** A public key, PEM or bare base64 as Alipay's console shows it; null when it is none. */
export function readPublicKey(text: string): KeyObject | null {
  const pem = text.replaceAll(String.raw`\n`, '\n').trim()
  if (pem.startsWith('-----')) return tryKey(() => createPublicKey(pem))
  return tryKey(() => createPublicKey({ key: Buffer.from(pem, 'base64'), format: 'der', type: 'spki' }))
}

/** True for a key of the sandbox, either half. */
export function isDevelopmentKey(key: KeyObject): boolean {
  const publicHalf = key.type === 'private' ? createPublicKey(key) : key
  const der = publicHalf.export({ format: 'der', type: 'spki' })
  return developmentKeys.includes(createHash('sha256').update(der).digest('hex'))
}

function tryKey(read: () => KeyObject): KeyObject | null {
  try {
    const key = read()
    return key.asymmetricKeyType === 'rsa' ? key : null
  } catch {
    // OpenSSL's errors have no class of their own, and what they say could hold a part of the key.
    return null
  }
}
