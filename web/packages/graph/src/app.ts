import type { Component } from 'vue'
import type { RouteRecordRaw } from 'vue-router'

/** Languages of the mall, the first is the default. */
export const locales = ['zh-CN', 'en'] as const
export type Locale = (typeof locales)[number]

/** Sentences by key, nested. */
export interface MessageTree {
  [key: string]: string | MessageTree
}

/** What a part of the web (users, products, orders) gives to the shell. */
export interface MallApp {
  readonly routes: RouteRecordRaw[]
  /** By language; each part keeps its own under its own name. */
  readonly messages: Record<Locale, MessageTree>
  /** Called once in the setup of the shell's root component, for what must run on every page. */
  readonly setup?: () => void
  /** A bar below the shell's header, on every page. */
  readonly navigation?: Component
}

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the page's title among the messages. */
    title?: string
    /** Visitors are sent to sign in first and come back. */
    signedIn?: boolean
  }
}
