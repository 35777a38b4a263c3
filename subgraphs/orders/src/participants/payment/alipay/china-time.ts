/** A time as Alipay reads it, `2026-01-02 03:04:05` in China; its library would write that of wherever this runs. */
export const chinaTime = (at: Date): string =>
  new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
