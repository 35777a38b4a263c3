/** Units of a SKU that the shopper wants in the cart. */
export interface CartAddition {
  readonly skuId: string
  readonly quantity: number
}

/** What each event carries. */
export interface MallEvents {
  /** Asked by whoever shows a SKU; the cart listens. */
  'cart/add': CartAddition
  /** Asked by who starts to show the cart's size; the cart answers with cart/changed. */
  'cart/asked': Readonly<Record<string, never>>
  /** Told by the cart: units in it now. */
  'cart/changed': { readonly units: number }
}

/** An event of the bus. */
export type MallEvent = {
  [T in keyof MallEvents]: { readonly type: T; readonly payload: MallEvents[T] }
}[keyof MallEvents]

type Listeners = { readonly [T in keyof MallEvents]: Set<(payload: MallEvents[T]) => void> }

export interface Bus {
  emit<T extends keyof MallEvents>(event: { readonly type: T; readonly payload: MallEvents[T] }): void
  /** @returns how to stop listening. */
  on<T extends keyof MallEvents>(type: T, listener: (payload: MallEvents[T]) => void): () => void
}

/**
 * What the parts of the web tell each other, as they never import one another. Nothing is kept: a part that is not
 * loaded does not hear.
 */
export function createBus(): Bus {
  const listeners: Listeners = { 'cart/add': new Set(), 'cart/asked': new Set(), 'cart/changed': new Set() }
  return {
    emit: ({ type, payload }) => listeners[type].forEach((listener) => listener(payload)),
    on(type, listener) {
      listeners[type].add(listener)
      return () => void listeners[type].delete(listener)
    },
  }
}

/** The bus of this page. */
export const bus = createBus()
