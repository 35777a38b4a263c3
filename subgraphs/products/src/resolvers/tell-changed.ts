import type { Context } from '../context.ts'

/** Tells others of a product that was changed: whoever reads it after the answer sees the change. */
export async function tellChanged(
  { id }: { id: string },
  { cached, loaders, wakeOutbox }: Pick<Context, 'cached' | 'loaders' | 'wakeOutbox'>,
): Promise<void> {
  wakeOutbox()
  await cached.tryToForget({ productId: id, skus: await loaders.skusOf.load(id) })
}
