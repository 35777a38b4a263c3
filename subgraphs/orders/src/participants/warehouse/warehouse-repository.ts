import type { OrderReturned, StockAdjusted } from '@mall/contracts'
import type { Database } from '../../data/database.ts'
import type { Allocation, Prisma } from '../../generated/prisma/client.ts'
import { put, type Allocations, type Shelves } from './allocate.ts'

/** How far an allocation has come. RELEASED also stands for one that must never be made. */
export type AllocationStatus = 'ALLOCATED' | 'REJECTED' | 'RELEASED' | 'SHIPPED' | 'DELIVERED'

/** Goods set aside for an order. */
export interface AllocationRecord {
  orderId: bigint
  status: AllocationStatus
  allocations: Allocations
  reason: string | null
  /** The carrier's; null until the goods have left. */
  trackingNumber: string | null
}

/** Warehouses and their goods in PostgreSQL. Setting aside, which every order needs, is one read and one write for many. */
export type WarehouseRepository = ReturnType<typeof createWarehouseRepository>

export function createWarehouseRepository(db: Database) {
  const warehouses = remember(warehousesForMs, () => db.warehouse.findMany({ orderBy: { position: 'asc' } }))

  async function findAllocations(
    orderIds: readonly bigint[],
    client: Pick<Database, '$queryRaw'> = db,
  ): Promise<AllocationRecord[]> {
    // One text however many ids: Prisma would write, plan and prepare another for each number of them.
    const rows = await client.$queryRaw<Allocation[]>`
      select order_id as "orderId", status, allocations, reason, tracking_number as "trackingNumber",
        updated_at as "updatedAt" from allocation where order_id = any(${orderIds.map(String)}::text[]::bigint[])`
    return rows.map(recordOf)
  }

  return {
    /** All warehouses, the preferred first; a new one is seen within seconds. */
    warehouses,
    findAllocations: (orderIds: readonly bigint[]) => findAllocations(orderIds),

    /** Counts adjustments into the shelves, each once however often it comes. */
    async count(adjustments: readonly StockAdjusted[]): Promise<void> {
      await db.$executeRaw`
        with input as (
          select distinct on ("ledgerId") * from json_to_recordset(${JSON.stringify(adjustments)}::json)
            as a("ledgerId" text, "warehouseId" text, "skuId" text, delta int)
        ), fresh as (
          insert into warehouse_adjustment (ledger_id) select "ledgerId" from input
          on conflict do nothing returning ledger_id
        )
        insert into warehouse_stock (warehouse_id, sku_id, quantity)
        select "warehouseId", "skuId", sum(delta)::int from input join fresh on ledger_id = "ledgerId"
        group by "warehouseId", "skuId" order by "warehouseId", "skuId"
        on conflict (warehouse_id, sku_id) do update set quantity = warehouse_stock.quantity + excluded.quantity`
    },

    /** What a decision about these orders needs: the allocations that exist, and the shelves of some SKUs. */
    async look(
      orderIds: readonly bigint[],
      skuIds: readonly string[],
    ): Promise<{ existing: AllocationRecord[]; shelves: Shelves }> {
      const [existing, rows] = await Promise.all([
        findAllocations(orderIds),
        db.$queryRaw<{ warehouse_id: string; sku_id: string; quantity: number }[]>`
          select warehouse_id, sku_id, quantity from warehouse_stock where sku_id = any(${[...skuIds]}::text[])`,
      ])
      const shelves: Shelves = new Map()
      for (const { warehouse_id, sku_id, quantity } of rows) put(shelves, warehouse_id, sku_id, quantity)
      return { existing, shelves }
    },

    /**
     * Writes allocations and takes their goods from the shelves, in one statement. Nothing at all is written, and the
     * answer is null, when there are no longer enough goods; otherwise it has the orders written. An order that has an
     * allocation keeps it.
     */
    async allocate(made: readonly AllocationRecord[]): Promise<Set<bigint> | null> {
      const rows = made.map(({ orderId, status, allocations, reason }) => ({
        order_id: String(orderId),
        status,
        allocations,
        reason,
      }))
      const [answer] = await db.$queryRaw<{ enough: boolean; orderIds: bigint[] | null }[]>`
        with input as (
          select * from json_to_recordset(${JSON.stringify(rows)}::json)
            as i(order_id bigint, status text, allocations jsonb, reason text)
        ), line as (
          select order_id, "warehouseId" as warehouse_id, "skuId" as sku_id, quantity from input
          cross join jsonb_to_recordset(allocations) as a("warehouseId" text, lines jsonb)
          cross join jsonb_to_recordset(lines) as l("skuId" text, quantity int)
        ), wanted as (
          select warehouse_id, sku_id, sum(quantity) as units from line group by 1, 2
        ), locked as materialized (
          select s.warehouse_id, s.sku_id, s.quantity from warehouse_stock s join wanted using (warehouse_id, sku_id)
          order by 1, 2 for update of s
        ), verdict as (
          select coalesce(bool_and(coalesce(quantity, 0) >= units), true) as enough
          from wanted left join locked using (warehouse_id, sku_id)
        ), fresh as (
          insert into allocation (order_id, status, allocations, reason)
          select i.* from input i, verdict where enough order by order_id
          on conflict do nothing returning order_id
        ), taken as (
          select warehouse_id, sku_id, sum(quantity)::int as units from line join fresh using (order_id) group by 1, 2
        ), moved as (
          update warehouse_stock s set quantity = s.quantity - t.units from taken t
          where s.warehouse_id = t.warehouse_id and s.sku_id = t.sku_id
        )
        select enough, (select array_agg(order_id) from fresh) as "orderIds" from verdict`
      return answer?.enough ? new Set((answer.orderIds ?? []).map(BigInt)) : null
    },

    /** Puts the goods of orders back, and makes sure that none are set aside for them later. */
    async release(orderIds: readonly bigint[]): Promise<void> {
      // Tombstones come first, and by themselves: this waits for an allocation that is being written at this moment, so
      // that it is seen below. Inside the transaction two batches could wait for each other, for a row and for shelves.
      const buried = await db.allocation.createManyAndReturn({
        data: inOrder(orderIds).map((orderId) => ({ orderId, status: 'RELEASED', allocations: [] })),
        select: { orderId: true },
        skipDuplicates: true,
      })
      const fresh = new Set(buried.map(({ orderId }) => orderId))
      const present = orderIds.filter((orderId) => !fresh.has(orderId))
      if (present.length === 0) return
      await db.$transaction(async (tx) => {
        await lockShelves(tx, skusOf(await findAllocations(present, tx)))
        const released = await tx.$queryRaw<{ allocations: Allocations }[]>`
          update allocation set status = 'RELEASED', updated_at = now()
          where order_id = any(${present.map(String)}::text[]::bigint[]) and status = 'ALLOCATED' returning allocations`
        await move(tx, released, 1)
      })
    },

    /** Writes down that goods have left; a delivery may have been heard of first. */
    async ship(shipments: readonly { orderId: string; trackingNumber: string }[]): Promise<void> {
      await db.$executeRaw`
        update allocation a set tracking_number = s."trackingNumber", updated_at = now(),
          status = case a.status when 'ALLOCATED' then 'SHIPPED' else a.status end
        from json_to_recordset(${JSON.stringify(shipments)}::json) as s("orderId" bigint, "trackingNumber" text)
        where a.order_id = s."orderId" and a.status in ('ALLOCATED', 'SHIPPED', 'DELIVERED')`
    },

    /** Writes down that goods have arrived. */
    async deliver(orderIds: readonly string[]): Promise<void> {
      await db.$executeRaw`
        update allocation set status = 'DELIVERED', updated_at = now()
        where order_id = any(${[...orderIds]}::text[]::bigint[]) and status in ('ALLOCATED', 'SHIPPED')`
    },

    /** Puts returned goods on the shelf, each return once however often it comes. */
    async takeBack(returns: readonly OrderReturned[]): Promise<void> {
      await db.$executeRaw`
        with input as (
          select distinct on ("orderId", "returnId") * from json_to_recordset(${JSON.stringify(returns)}::json)
            as r("orderId" bigint, "returnId" text, "warehouseId" text, lines json)
        ), fresh as (
          insert into warehouse_return (order_id, return_id) select "orderId", "returnId" from input
          on conflict do nothing returning order_id, return_id
        )
        insert into warehouse_stock (warehouse_id, sku_id, quantity)
        select "warehouseId", line."skuId", sum(line.quantity)::int
        from input join fresh on order_id = "orderId" and return_id = "returnId"
        cross join json_to_recordset(lines) as line("skuId" text, quantity int)
        group by "warehouseId", line."skuId" order by "warehouseId", line."skuId"
        on conflict (warehouse_id, sku_id) do update set quantity = warehouse_stock.quantity + excluded.quantity`
    },
  }
}

const warehousesForMs = 5_000

/** A value that is read again when it is older than `ms`. */
function remember<Value>(ms: number, read: () => Promise<Value>): () => Promise<Value> {
  let known: { value: Value; at: number } | null = null
  return async () => {
    if (!known || Date.now() - known.at > ms) known = { value: await read(), at: Date.now() }
    return known.value
  }
}

type Transaction = Prisma.TransactionClient

/** Rows are locked in one order everywhere, so that two batches never wait for each other in a circle. */
function lockShelves(tx: Transaction, skuIds: readonly string[]) {
  return tx.$queryRaw<{ warehouse_id: string; sku_id: string; quantity: number }[]>`
    select warehouse_id, sku_id, quantity from warehouse_stock where sku_id = any(${[...skuIds]}::text[])
    order by warehouse_id, sku_id for update`
}

async function move(
  tx: Transaction,
  records: readonly { allocations: Allocations }[],
  sign: 1 | -1,
): Promise<void> {
  const rows = records.flatMap(({ allocations }) =>
    allocations.flatMap(({ warehouseId, lines }) =>
      lines.map(({ skuId, quantity }) => ({ warehouseId, skuId, units: sign * quantity })),
    ),
  )
  if (rows.length === 0) return
  await tx.$executeRaw`
    update warehouse_stock s set quantity = s.quantity + m.units
    from (
      select "warehouseId", "skuId", sum(units)::int as units
      from json_to_recordset(${JSON.stringify(rows)}::json) as r("warehouseId" text, "skuId" text, units int)
      group by 1, 2
    ) m
    where s.warehouse_id = m."warehouseId" and s.sku_id = m."skuId"`
}

/** Rows of allocations, too, are written in one order everywhere. */
const inOrder = (orderIds: readonly bigint[]) => orderIds.toSorted((a, b) => (a < b ? -1 : 1))

const skusOf = (records: readonly AllocationRecord[]) =>
  records.flatMap(({ allocations }) => allocations.flatMap(({ lines }) => lines.map(({ skuId }) => skuId)))

/** The columns hold what this module wrote, so their types are those that it wrote. */
function recordOf({ orderId, status, allocations, reason, trackingNumber }: Allocation): AllocationRecord {
  return {
    orderId,
    reason,
    trackingNumber,
    status: status as AllocationStatus,
    allocations: allocations as unknown as Allocations,
  }
}
