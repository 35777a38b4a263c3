/** Words of the catalogue for options and their values; what is not here is shown as the graph has it. */
interface Words {
  option: Record<string, string>
  value: Record<string, string>
}

const words: Words = {
  option: {
    colour: 'Colour',
    size: 'Size',
    capacity: 'Capacity',
    switch: 'Switches',
    power: 'Power',
    nib: 'Nib',
    weight: 'Weight',
    grip: 'Grip',
    binding: 'Binding',
  },
  value: {},
}

export const en = {
  words,
  close: 'Close',
  retry: 'Try again',
  more: 'Show more',
  loading: 'Loading',
  shown: '{shown} of {total}',
  required: 'required',
  optional: 'optional',
  quantity: { label: 'Quantity', less: 'One less', more: 'One more' },
  stock: { inStock: '{n} in stock', low: 'Only {n} left', soldOut: 'Sold out' },
  step: {
    PENDING: 'To come',
    RUNNING: 'In progress',
    DONE: 'Done',
    FAILED: 'Failed',
    COMPENSATED: 'Undone',
    SKIPPED: 'Not needed',
  },
  problem: {
    unreachable: { title: 'We cannot reach the shop', text: 'Check your connection. Nothing was lost.' },
    unauthenticated: { title: 'Please sign in', text: 'Your session has ended.' },
    forbidden: { title: 'Not for your eyes', text: 'Your account may not see this.' },
    busy: { title: 'The shop is very busy', text: 'Please try again in a moment.' },
    fault: { title: 'Something went wrong', text: 'It is our fault, not yours. Please try again.' },
  },
}

export type UiMessages = typeof en
