import { setTimeout as sleep } from 'node:timers/promises'
import { createMessage } from '@mall/contracts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openParticipantRoom, type ParticipantRoom } from '../../testing/participant-room.ts'
import { createWarehouseParticipant } from './participant.ts'
import { createWarehouseRepository } from './warehouse-repository.ts'

let room: ParticipantRoom
const types = () => room.types()
const newId = () => room.newId()

beforeAll(async () => {
  room = await openParticipantRoom()
})
beforeEach(() => room.forget())
afterAll(() => room.close())

describe('the warehouse participant', () => {
  const warehouses = () => createWarehouseRepository(room.db)
  const participant = () => createWarehouseParticipant({ warehouses: warehouses(), publish: room.publish })
  const adjusted = (ledgerId: string, delta: number) =>
    createMessage('stock-adjusted', { skuId: 'lamp', warehouseId: 'wh-a', delta, ledgerId }).event
  const paid = (orderId: bigint, quantity = 1) =>
    createMessage('payment-succeeded', {
      orderId: String(orderId),
      paymentId: String(orderId),
      amount: 1,
      currency: 'CNY',
      lines: [{ skuId: 'lamp', productId: 'lamps', quantity }],
      destination: { region: 'Shanghai', city: 'Shanghai' },
    }).event
  const release = (orderId: bigint) =>
    createMessage('warehouse-release', { orderId: String(orderId), reason: 'cancelled' }).event
  const onShelf = async () => (await room.db.warehouseStock.findFirst({ where: { skuId: 'lamp' } }))?.quantity

  beforeAll(async () => {
    await room.db.warehouse.create({ data: { id: 'wh-a', name: 'A', region: 'Shanghai', position: 0 } })
  })

  it('counts an adjustment once however often it comes', async () => {
    await participant().handle([adjusted('l1', 10), adjusted('l1', 10)])
    await participant().handle([adjusted('l1', 10)])
    expect(await onShelf()).toBe(10)
  })

  it('sets goods aside once and puts them back once', async () => {
    const id = newId()
    await Promise.all([participant().handle([paid(id, 3)]), participant().handle([paid(id, 3)])])
    expect(await onShelf()).toBe(7)
    await participant().handle([release(id), release(id)])
    await participant().handle([release(id)])
    expect(await onShelf()).toBe(10)
  })

  it('sets nothing aside for an order that was undone first', async () => {
    const id = newId()
    await participant().handle([release(id)])
    await participant().handle([paid(id)])
    expect(types()).toEqual(['warehouse-released'])
    expect(await onShelf()).toBe(10)
  })

  it('puts back what is being set aside at the very moment of the release', async () => {
    const id = newId()
    const allocations = [{ warehouseId: 'wh-a', lines: [{ skuId: 'lamp', quantity: 4 }] }]
    let releasing: Promise<void> | undefined
    await room.db.$transaction(async (tx) => {
      await tx.allocation.create({ data: { orderId: id, status: 'ALLOCATED', allocations } })
      releasing = participant().handle([release(id)])
      await sleep(200)
    })
    await releasing
    expect(await warehouses().findAllocations([id])).toMatchObject([{ status: 'RELEASED' }])
    expect(await onShelf()).toBe(14)
    await room.db.warehouseStock.updateMany({ where: { skuId: 'lamp' }, data: { quantity: 10 } })
  })

  it('follows the goods until they are back on the shelf, each return once', async () => {
    const id = newId()
    const order = { orderId: String(id), customerId: 'shopper' }
    const back = createMessage('order-returned', {
      ...order,
      returnId: 'r1',
      warehouseId: 'wh-a',
      lines: [{ skuId: 'lamp', productId: 'lamps', quantity: 2 }],
    }).event
    await participant().handle([paid(id, 2)])
    // The delivery overtakes the shipment, and what was shipped is not released any more.
    await participant().handle([createMessage('order-delivered', order).event])
    await participant().handle([createMessage('order-shipped', { ...order, trackingNumber: 'SF1' }).event])
    await participant().handle([release(id)])
    expect(await warehouses().findAllocations([id])).toMatchObject([
      { status: 'DELIVERED', trackingNumber: 'SF1' },
    ])
    expect(await onShelf()).toBe(8)
    await participant().handle([back, back])
    await participant().handle([back])
    expect(await onShelf()).toBe(10)
  })

  it('never gives the last units twice', async () => {
    const ids = Array.from({ length: 15 }, () => newId())
    await Promise.all(ids.map((id) => participant().handle([paid(id)])))
    expect(types().filter((type) => type === 'warehouse-allocated')).toHaveLength(10)
    expect(types().filter((type) => type === 'warehouse-rejected')).toHaveLength(5)
    expect(await onShelf()).toBe(0)
  })
})
