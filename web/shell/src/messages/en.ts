export const en = {
  skip: 'Skip to content',
  search: 'Search',
  searchHint: 'Search products',
  tools: 'Account and settings',
  account: '{name}, your account',
  signIn: 'Sign in',
  cart: 'Cart, {n} items',
  theme: { system: 'Theme: as your device', light: 'Theme: light', dark: 'Theme: dark' },
  connection: {
    offline: 'You are offline. What you see may be out of date.',
    reconnecting: 'Live updates are interrupted. Reconnecting…',
  },
  promise: {
    stock: { title: 'Live stock', text: 'What you see is what is on the shelf, to the second.' },
    pay: { title: 'Pay once', text: 'Clicking twice or losing the connection never orders twice.' },
    track: { title: 'Follow every step', text: 'From reservation to warehouse, without reloading.' },
  },
  notFound: {
    title: 'Page not found',
    text: 'It may have moved, or the address has a typo.',
    home: 'Back to the shop',
  },
}

export type ShellMessages = typeof en
