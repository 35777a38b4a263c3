// The state of a SKU in Redis is a hash `stock:{sku}`: available, reserved, sold and version as PostgreSQL last said, and
// `pending`, units asked for by orders that PostgreSQL has not decided yet; `stock:{sku}:asked` says by which. Keys of one
// SKU share a hash tag. Both scripts may be repeated: an order asks once, and only a newer version is taken over.

/**
 * KEYS: state and asked of each SKU. ARGV: order, then the quantity of each.
 * Answers ADMITTED, or INSUFFICIENT with what is free of each, or UNKNOWN when a state is missing. All or nothing.
 */
export const askScript = `
local order = ARGV[1]
local free = {}
local enough = true
for i = 1, #KEYS / 2 do
  local state = redis.call('hmget', KEYS[2 * i - 1], 'available', 'pending')
  if not state[1] then return { 'UNKNOWN' } end
  local asked = tonumber(redis.call('hget', KEYS[2 * i], order) or '0')
  free[i] = tonumber(state[1]) - tonumber(state[2] or '0') + asked
  if free[i] < tonumber(ARGV[i + 1]) then enough = false end
end
if not enough then return { 'INSUFFICIENT', unpack(free) } end
for i = 1, #KEYS / 2 do
  if redis.call('hsetnx', KEYS[2 * i], order, ARGV[i + 1]) == 1 then
    redis.call('hincrby', KEYS[2 * i - 1], 'pending', ARGV[i + 1])
  end
end
return { 'ADMITTED' }
`

/**
 * KEYS: state and asked of one SKU. ARGV: available, reserved, sold, version, then the orders that were decided.
 * Takes over a newer state and forgets what those orders asked. Answers 1 when the state was newer.
 */
export const applyScript = `
for i = 5, #ARGV do
  local asked = redis.call('hget', KEYS[2], ARGV[i])
  if asked then
    redis.call('hdel', KEYS[2], ARGV[i])
    redis.call('hincrby', KEYS[1], 'pending', -tonumber(asked))
  end
end
local version = redis.call('hget', KEYS[1], 'version')
if version and tonumber(version) >= tonumber(ARGV[4]) then return 0 end
redis.call('hset', KEYS[1], 'available', ARGV[1], 'reserved', ARGV[2], 'sold', ARGV[3], 'version', ARGV[4])
return 1
`
