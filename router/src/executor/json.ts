/** What `JSON.parse` makes of an object. GraphQL allows names that every JavaScript object has, such as `__proto__`. */
export type JsonObject = Record<string, unknown>

export type Path = readonly (string | number)[]

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether `object[name]` may find something although the object has no such key of its own. */
export const isInherited = (name: string): boolean => name in Object.prototype

export const getOwn = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined

/** Sets a key of the object's own; `object.__proto__ = …` would change its prototype. */
export function setOwn(object: JsonObject, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
}
