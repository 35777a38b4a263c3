/** Yuan as Alipay writes them, such as `19.90`, in fen; null when it is not an amount of at least 0.01. */
export function fenOf(yuan: string): bigint | null {
  const [, whole, cents = ''] = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(yuan) ?? []
  if (whole === undefined) return null
  const fen = BigInt(whole) * 100n + BigInt(cents.padEnd(2, '0'))
  return fen > 0n ? fen : null
}

/** Fen as yuan with two decimals. */
export const yuanOf = (fen: bigint): string => `${fen / 100n}.${String(fen % 100n).padStart(2, '0')}`
