import type { MallApp } from '@mall/web-graph'
import * as orders from '@mall/web-orders'
import * as products from '@mall/web-products'
import * as users from '@mall/web-users'

/** The parts of the web. For now they are bundled here; what they give is all that the shell knows of them. */
export const apps: readonly MallApp[] = [products, orders, users]
