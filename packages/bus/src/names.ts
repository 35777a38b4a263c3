import { deadTopicOf, quarantineTopic } from '@mall/contracts'

/** How topics and groups are called at the broker. */
export interface Names {
  /** The broker's name of a topic or group of ours. */
  outside(name: string): string
  /** Our name of a broker's topic. */
  inside(name: string): string
  /** Where what could not be handled goes, as the broker calls it. */
  dead(topic: string): string
  /** Where what cannot be trusted or read goes, as the broker calls it. */
  quarantine: string
}

/** Names with a namespace before them, so that several malls can share a broker without hearing one another. */
export function createNames(namespace = ''): Names {
  const outside = (name: string) => `${namespace}${name}`
  return {
    outside,
    inside: (name) => name.slice(namespace.length),
    dead: (topic) => outside(deadTopicOf(topic)),
    quarantine: outside(quarantineTopic),
  }
}
