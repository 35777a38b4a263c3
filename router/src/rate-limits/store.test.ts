import { describe } from 'vitest'
import { createMemoryStore } from './store.ts'
import { describeStore } from './store-suite.ts'

describe('a store in memory', () => describeStore(() => createMemoryStore()))
