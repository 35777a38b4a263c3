import { constants, createSign, createVerify, type KeyObject } from 'node:crypto'

// RSA2 as https://opendocs.alipay.com/common/02kf5q and /02mse7 describe it. Written from there and on purpose not with
// Alipay's own library: a mistake in that one must not be made twice and so be overlooked.

const scheme = { algorithm: 'RSA-SHA256', padding: constants.RSA_PKCS1_PADDING } as const

/**
 * What is signed of parameters: all that have a value, without those named, sorted by name, as `name=value` joined
 * by `&`. Values are as they are, not percent-encoded.
 */
export function contentOf(
  parameters: Readonly<Record<string, string>>,
  without: readonly string[] = ['sign'],
): string {
  return Object.entries(parameters)
    .filter(([name, value]) => value !== '' && !without.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/** The signature of a text (SHA256withRSA, PKCS #1 v1.5, UTF-8), in base64. */
export const sign = (content: string, key: KeyObject): string =>
  createSign(scheme.algorithm).update(content, 'utf8').sign({ key, padding: scheme.padding }, 'base64')

/** True when the signature is that of the text. */
export const verify = (content: string, signature: string, key: KeyObject): boolean =>
  createVerify(scheme.algorithm)
    .update(content, 'utf8')
    .verify({ key, padding: scheme.padding }, signature, 'base64')
