import { createHash, randomUUID } from 'node:crypto'
import type { StockState } from '../domain/reserve.ts'
import { Prisma, type StockLedger } from '../generated/prisma/client.ts'
import type { Database } from '../data/database.ts'
import { lockStock, saveStock } from './rows.ts'

/** Units to add, or with a negative delta to take, other than by an order. */
export interface Movement {
  skuId: string
  delta: number
  warehouseId: string
  reason: string
  /** The same key makes one movement, however often it comes. */
  key: string
}

/** What a movement came to. `conflict`: the key was used for another one. */
export type Moved =
  | { status: 'done'; remaining: number; changed: StockState[] }
  | { status: 'insufficient'; remaining: number; changed: StockState[] }
  | { status: 'unknown' }
  | { status: 'conflict' }

/** Where units stand when nobody says. */
export const defaultWarehouse = 'wh-shanghai'

/**
 * Moves units and writes the ledger, in one transaction. A repeat gets the first answer, refusals included; it moves
 * nothing.
 */
export async function moveStock(db: Database, movement: Movement): Promise<Moved> {
  try {
    return await db.$transaction(async (tx) => {
      const before = await lockStock(tx, [movement.skuId])
      const first = await tx.stockLedger.findUnique({ where: { idempotencyKey: movement.key } })
      if (first) return repeated(first, movement)
      const state = before.get(movement.skuId)
      if (!state) return { status: 'unknown' }
      const isEnough = state.available + movement.delta >= 0
      const after: StockState = isEnough
        ? { ...state, available: state.available + movement.delta, version: state.version + 1 }
        : state
      await tx.stockLedger.create({ data: entryOf(movement, after.available, isEnough) })
      const changed = await saveStock(tx, before, new Map([[movement.skuId, after]]))
      return { status: isEnough ? 'done' : 'insufficient', remaining: after.available, changed }
    })
  } catch (error) {
    // Two with one key at once, on different SKUs: the other was first, and its entry says what to answer.
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002')
      return moveStock(db, movement)
    throw error
  }
}

function repeated(first: StockLedger, movement: Movement): Moved {
  if (first.inputHash !== hashOf(movement)) return { status: 'conflict' }
  return {
    status: first.errorCode === null ? 'done' : 'insufficient',
    remaining: first.remaining,
    changed: [],
  }
}

function entryOf(movement: Movement, remaining: number, isEnough: boolean): Prisma.StockLedgerCreateInput {
  const { skuId, warehouseId, reason, delta, key } = movement
  return {
    id: randomUUID(),
    skuId,
    warehouseId,
    reason,
    delta: isEnough ? delta : 0,
    idempotencyKey: key,
    inputHash: hashOf(movement),
    remaining,
    errorCode: isEnough ? null : 'INSUFFICIENT_STOCK',
    // A refusal moved nothing, so there is nothing to tell.
    published: !isEnough,
  }
}

const hashOf = ({ skuId, delta, warehouseId }: Movement) =>
  createHash('sha256')
    .update(JSON.stringify([skuId, delta, warehouseId]))
    .digest('base64url')
