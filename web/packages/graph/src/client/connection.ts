import { useOnline } from '@vueuse/core'
import { computed, readonly, shallowRef } from 'vue'

type SocketState = 'idle' | 'open' | 'lost'

const socket = shallowRef<SocketState>('idle')

/** Told by the socket alone: idle when nothing is watched, lost while it tries to come back. */
export function reportSocket(state: SocketState): void {
  socket.value = state
}

/** Whether what is shown is live. `offline`: the machine has no network; `reconnecting`: live updates are interrupted. */
export function useConnection() {
  const online = useOnline()
  const state = computed(() =>
    !online.value ? 'offline' : socket.value === 'lost' ? 'reconnecting' : 'fine',
  )
  return { state, socket: readonly(socket) }
}
