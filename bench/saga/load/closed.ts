/** Keeps `inFlight` calls going for a time and waits for the last. Throws what a call throws. */
export async function closedLoop(
  options: { inFlight: number; durationMs: number },
  call: () => Promise<unknown>,
): Promise<{ count: number; seconds: number }> {
  const { inFlight, durationMs } = options
  let count = 0
  const begun = performance.now()
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() - begun < durationMs) {
        await call()
        count += 1
      }
    }),
  )
  return { count, seconds: (performance.now() - begun) / 1_000 }
}
