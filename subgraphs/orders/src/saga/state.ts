import type { EventType } from '@mall/contracts'
import type { OrderStatus } from '../domain/order.ts'
import { placeOrder, type StepName } from './place-order.ts'

/** How far one step has come. Times are RFC 3339. */
export interface Step {
  name: StepName
  status: 'PENDING' | 'RUNNING' | 'DONE' | 'FAILED' | 'COMPENSATED' | 'SKIPPED'
  startedAt: string | null
  finishedAt: string | null
  attempts: number
  error: string | null
  /** How far undoing it has come; null when nobody asked for that. */
  undo: Undo | null
}

/** The undoing of a step. `error` is what the participant said the last time it could not. */
export interface Undo {
  startedAt: string
  finishedAt: string | null
  attempts: number
  error: string | null
}

/** Money that staff gave back. `amount` in minor units; `id` is unique within the order. */
export interface Refund {
  id: string
  amount: number
  reason: string
  status: 'REQUESTED' | 'DONE'
  requestedAt: string
  attempts: number
  error: string | null
}

/** Goods that came back. `id` is unique within the order. */
export interface GoodsReturn {
  id: string
  warehouseId: string
  lines: readonly ReturnedLine[]
  receivedAt: string
}

/** Units of one SKU that came back. */
export interface ReturnedLine {
  skuId: string
  quantity: number
}

/** The saga of one order and what came after it. */
export interface SagaState {
  status: OrderStatus
  steps: readonly Step[]
  /** Index of the step being undone, null while it goes forward. */
  undoing: number | null
  /** How an order that is being undone ends. */
  endsAs: 'CANCELLED' | 'REFUNDED'
  cancelReason: string | null
  /** What is paid for it, in minor units. */
  total: number
  /** What was bought. */
  lines: readonly { skuId: string; quantity: number }[]
  refunds: readonly Refund[]
  returns: readonly GoodsReturn[]
  /** Milestones that the broker has not acknowledged yet; the sweeper tells them again. */
  untold: readonly Milestone[]
}

/** What the saga manager tells everyone about an order after it is confirmed. */
export type Milestone =
  | { type: 'order-shipped'; trackingNumber: string }
  | { type: 'order-delivered' }
  | ({ type: 'order-returned' } & Pick<GoodsReturn, 'id' | 'warehouseId' | 'lines'>)

/** What the saga manager sends. */
export type Outgoing =
  | Milestone
  | {
      type:
        | 'order-placed'
        | 'order-confirmed'
        | 'order-cancelled'
        | 'stock-release'
        | 'payment-close'
        | 'warehouse-release'
    }
  | { type: 'payment-refund'; refund?: Pick<Refund, 'id' | 'amount' | 'reason'> }
  | { type: 'order-refunded'; refund: Pick<Refund, 'id' | 'amount'>; isFull: boolean }

/** What the saga manager reacts to: the participants' events, and what happens in orders itself. */
export type SagaEvent =
  | { type: EventType | 'cancel-requested' | 'deadline-passed' | 'sweep'; reason?: string; refundId?: string }
  | { type: 'refund-requested'; refundId: string; amount: number; reason: string }
  | { type: 'ship-requested'; trackingNumber: string }
  | { type: 'delivery-reported' }
  | { type: 'return-received'; returnId: string; warehouseId: string; lines: readonly ReturnedLine[] }
  | { type: 'told'; milestones: readonly Milestone[] }

/** The state after an event and what the manager must send because of it. The same state object means: nothing new. */
export interface Transition {
  state: SagaState
  send: readonly Outgoing[]
}

/** The saga of an order that has just been placed. */
export function begin(at: string, { total, lines }: Pick<SagaState, 'total' | 'lines'>): SagaState {
  const steps = placeOrder.map(({ step: name }, index): Step => {
    const times = { startedAt: null, finishedAt: null, attempts: 0, error: null, undo: null }
    const pending: Step = { name, status: 'PENDING', ...times }
    return index === 0 ? start(pending, at) : pending
  })
  return {
    status: 'PLACED',
    steps,
    undoing: null,
    endsAs: 'CANCELLED',
    cancelReason: null,
    total,
    lines,
    refunds: [],
    returns: [],
    untold: [],
  }
}

/** A step that begins, unless it has. */
export function start(step: Step, at: string): Step {
  return step.status === 'PENDING' ? { ...step, status: 'RUNNING', startedAt: at, attempts: 1 } : step
}

const forwardStatuses: readonly OrderStatus[] = ['PLACED', 'STOCK_RESERVED', 'AWAITING_PAYMENT', 'PAID']

/** True until the order is confirmed or being undone. */
export const isForward = ({ status }: Pick<SagaState, 'status'>) => forwardStatuses.includes(status)

/** True while an order can be cancelled: until it is shipped. */
export const isCancellable = (status: OrderStatus) =>
  isForward({ status }) || status === 'CONFIRMED' || status === 'CANCELLING'

/** True when every step was done and none was undone: its units are sold. */
export const isSold = ({ status, steps }: Pick<SagaState, 'status' | 'steps'>) =>
  status !== 'CANCELLING' && steps.every((step) => step.status === 'DONE')

/** True while there is something left to do, so that the sweeper must watch the order. */
export const isMoving = (state: SagaState) =>
  isForward(state) || state.status === 'CANCELLING' || isRefunding(state) || state.untold.length > 0

/** Refunds that the payment participant has not answered. */
export const openRefunds = ({ refunds }: Pick<SagaState, 'refunds'>) =>
  refunds.filter(({ status }) => status === 'REQUESTED')

const isRefunding = (state: SagaState) => openRefunds(state).length > 0

/** Asked for this often without an answer, somebody must look: it is over a minute by then. */
const alarmAfterAttempts = 6

/** True when giving something back has been tried in vain for long: staff must look. It goes on being tried. */
export const needsAttention = (state: SagaState) =>
  [...openRefunds(state), ...openUndo(state)].some(({ attempts }) => attempts >= alarmAfterAttempts)

function openUndo({ status, steps, undoing }: SagaState): Undo[] {
  const undo = status === 'CANCELLING' && undoing !== null ? steps[undoing]?.undo : null
  return undo ? [undo] : []
}

export const unchanged = (state: SagaState): Transition => ({ state, send: [] })
