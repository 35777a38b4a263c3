import { PublishError, type Bus, type BusConsumer, type ConsumeOptions } from '@mall/bus'
import type { AnyEvent, EventType, Message } from '@mall/contracts'

/** What goes wrong with one kind of message of one customer's order. */
export type Trouble =
  /** `lost`: acknowledged and gone. `late`: held until the trouble ends. `refused`: the broker does not take it. */
  | { on: 'publish'; type: EventType; does: 'lost' | 'twice' | 'late' | 'refused' }
  /** `dies`: its work is done, but nobody learns of it. */
  | { on: 'handle'; group: string; type: EventType; does: 'throws' | 'dies' }
  /** The group gets `type` only after it has handled `by`. */
  | { on: 'handle'; group: string; type: EventType; does: 'overtaken'; by: EventType }

/** A trouble that has been provoked. */
export interface Provoked {
  /** How often it has struck. */
  hits(): number
  /** From now on all goes well; what was late arrives. */
  end(): Promise<void>
}

/** A bus whose faults are told apart by customer, so that many orders can suffer different ones at the same time. */
export type FaultyBus = ReturnType<typeof createFaultyBus>

interface Running {
  customerId: string
  trouble: Trouble
  left: number
  hits: number
  late: Message[]
  overtaken: Map<string, AnyEvent>
}

export function createFaultyBus(bus: Bus) {
  const customers = new Map<string, string>()
  const troubles = new Set<Running>()
  const published: Message[] = []
  const groups = new Map<string, ConsumeOptions>()
  const consumers: BusConsumer[] = []
  let isMuted = false

  async function publish(messages: readonly Message[]): Promise<void> {
    for (const { event } of messages.map(anyOf))
      if (event.type === 'order-placed') customers.set(event.data.orderId, event.data.customerId)
    published.push(...messages)
    if (isMuted) return
    // First, as nothing of what is published together arrives then, and no other fault has struck.
    if (messages.some((message) => strike(isPublishing('refused'), anyOf(message).event)))
      throw new PublishError('The broker is away', { retriable: true })
    await bus.publish(messages.flatMap(suffer))
  }

  /** What reaches the broker of a message. */
  function suffer(message: Message): Message[] {
    const { event } = anyOf(message)
    const running = strike(isPublishing('lost', 'twice', 'late'), event)
    switch (running?.trouble.does) {
      case 'lost':
        return []
      case 'twice':
        return [message, message]
      case 'late':
        running.late.push(message)
        return []
      default:
        return [message]
    }
  }

  async function handle(options: ConsumeOptions, events: readonly AnyEvent[]): Promise<void> {
    const { group } = options
    if (events.some((event) => strike(isOf(group, 'throws'), event)))
      throw new Error('The participant is ill')
    const overtaken = events.filter((event) => {
      const running = strike(isOf(group, 'overtaken'), event)
      running?.overtaken.set(event.id, event)
      return running !== undefined
    })
    const rest = events.filter((event) => !overtaken.includes(event))
    if (rest.length > 0) await options.handle(rest)
    for (const running of troublesOvertakenBy(group, rest)) {
      troubles.delete(running)
      if (running.overtaken.size > 0) await options.handle([...running.overtaken.values()])
    }
    if (events.some((event) => strike(isOf(group, 'dies'), event)))
      throw new Error('The participant died after its work')
  }

  function strike(isKind: (trouble: Trouble) => boolean, event: AnyEvent): Running | undefined {
    const running = [...troubles].find(
      ({ customerId, trouble, left }) =>
        left > 0 && trouble.type === event.type && customerId === customerOf(event) && isKind(trouble),
    )
    if (running) {
      running.left -= 1
      running.hits += 1
    }
    return running
  }

  const troublesOvertakenBy = (group: string, events: readonly AnyEvent[]) =>
    [...troubles].filter(
      ({ customerId, trouble }) =>
        trouble.does === 'overtaken' &&
        trouble.group === group &&
        events.some((event) => event.type === trouble.by && customerOf(event) === customerId),
    )

  const customerOf = ({ data }: AnyEvent) => ('orderId' in data ? customers.get(data.orderId) : undefined)

  return {
    bus: {
      ...bus,
      publish,
      async consume(options) {
        groups.set(options.group, options)
        const consumer = await bus.consume({ ...options, handle: (events) => handle(options, events) })
        consumers.push(consumer)
        return consumer
      },
    } satisfies Bus,

    /** Lets something go wrong for a customer's order, the first `times` times. */
    provoke(customerId: string, trouble: Trouble, times = Infinity): Provoked {
      const running: Running = { customerId, trouble, left: times, hits: 0, late: [], overtaken: new Map() }
      troubles.add(running)
      return {
        hits: () => running.hits,
        async end() {
          troubles.delete(running)
          await bus.publish(running.late)
        },
      }
    },

    /** Everything that anybody published so far, lost or not. */
    published: (): readonly Message[] => published,
    /** Nothing that is published leaves any more, until this is called with false. */
    mute: (muted: boolean) => void (isMuted = muted),
    /** What each consumer group does with events, without the broker between. */
    groups: (): readonly ConsumeOptions[] => [...groups.values()],

    /** True when every group has handled all that was published, and what followed from it. */
    async caughtUp(): Promise<boolean> {
      const before = published.length
      const each = await Promise.all(consumers.map((consumer) => consumer.caughtUp()))
      return each.every(Boolean) && published.length === before
    },
  }
}

const isPublishing =
  (...kinds: Trouble['does'][]) =>
  ({ on, does }: Trouble) =>
    on === 'publish' && kinds.includes(does)

const isOf = (group: string, does: Trouble['does']) => (trouble: Trouble) =>
  trouble.on === 'handle' && trouble.group === group && trouble.does === does

/** The same message, typed so that its event is told apart by `type`. */
const anyOf = (message: Message) => ({ event: message.event as AnyEvent })
