import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose'
import type { CryptoKey, JWK } from 'jose'
import { z } from 'zod'
import type { Database } from './database.ts'

export const ALGORITHM = 'EdDSA'

/** Keys of access tokens: the first signs, all verify, so that a new one can be published before it signs. */
export interface SigningKeys {
  readonly signing: { readonly kid: string; readonly key: CryptoKey | Uint8Array }
  /** What `/.well-known/jwks.json` shows: public parts only. */
  readonly jwks: { readonly keys: JWK[] }
}

const privateJwkSchema = z.looseObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string(),
  kid: z.string().optional(),
})

/** Reads configured keys: JWKs (one, a list, a set) or PEM blocks. Throws when one of them is not an Ed25519 private key. */
export async function readSigningKeys({
  keys,
  file,
}: {
  readonly keys?: string | undefined
  readonly file?: string | undefined
}): Promise<SigningKeys | null> {
  const text = keys ?? (file ? await readFile(file, 'utf8') : undefined)
  return text ? toSigningKeys(parseKeys(text)) : null
}

/** For development, where none is configured: a key made once and kept, so that restarts and other instances share it. */
export async function loadDevelopmentKeys(db: Database): Promise<SigningKeys> {
  const { privateKey } = await generateKeyPair('Ed25519', { extractable: true })
  const jwk = JSON.stringify(await exportJWK(privateKey))
  await db.$executeRaw`insert into development_key (id, jwk) values (1, ${jwk}::jsonb) on conflict do nothing`
  const row = await db.developmentKey.findUniqueOrThrow({ where: { id: 1 } })
  return toSigningKeys([row.jwk])
}

async function toSigningKeys(candidates: readonly unknown[]): Promise<SigningKeys> {
  const keys = await Promise.all(
    candidates.map(async (candidate) => {
      const jwk = privateJwkSchema.parse(candidate)
      const kid = jwk.kid ?? (await calculateJwkThumbprint(jwk))
      const shown: JWK = { kty: jwk.kty, crv: jwk.crv, x: jwk.x, kid, alg: ALGORITHM, use: 'sig' }
      return { jwk, kid, shown }
    }),
  )
  const [first] = keys
  if (!first) throw new Error('the list of signing keys is empty')
  return {
    signing: { kid: first.kid, key: await importJWK(first.jwk, ALGORITHM) },
    jwks: { keys: keys.map(({ shown }) => shown) },
  }
}

function parseKeys(text: string): unknown[] {
  const pems = text.match(/-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----/g)
  if (pems) return pems.map((pem) => createPrivateKey(pem.replaceAll('\\n', '\n')).export({ format: 'jwk' }))
  try {
    const json: unknown = JSON.parse(text)
    if (Array.isArray(json)) return json
    const set = z.object({ keys: z.array(z.unknown()) }).safeParse(json)
    return set.success ? set.data.keys : [json]
  } catch {
    // Without the cause: a parser's message quotes the text, and this text is a secret.
    throw new Error('JWT_SIGNING_KEYS is neither JSON nor PEM')
  }
}
