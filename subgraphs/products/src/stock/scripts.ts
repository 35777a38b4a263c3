// The state of a SKU in Redis is a hash `stock:{sku}`: available, reserved, sold and version as PostgreSQL last said, and
// `pending`, units asked for by orders that PostgreSQL has not decided yet; `stock:{sku}:asked` says by which, and when.
// The scripts take many SKUs and orders at once, as one command costs less than many, so all keys must be on one server.
// Both may be repeated: an order asks once, and only a newer version is taken over.

/**
 * How long the gate holds back what an order asked, in seconds. An order whose message went to the dead letters is never
 * decided; what is decided later than that is decided by PostgreSQL alone.
 */
const patienceSeconds = 60

/**
 * KEYS: state and asked of each SKU. ARGV: a JSON list of orders, each [id, [[SKU's place among the keys, quantity], …]].
 * Answers in JSON, order by order, with what is free of each of its SKUs when it cannot have all, else with 0: all or
 * nothing. Where a state is missing, the order passes.
 */
export const askScript = `
local now = tonumber(redis.call('time')[1])

local function free_of(sku, order)
  local state = redis.call('hmget', KEYS[2 * sku - 1], 'available', 'pending')
  if not state[1] then return nil end
  local asked = redis.call('hget', KEYS[2 * sku], order)
  local own = asked and tonumber(string.match(asked, '^%d+')) or 0
  return tonumber(state[1]) - tonumber(state[2] or '0') + own
end

local function forget_undecided(sku)
  local asked = redis.call('hgetall', KEYS[2 * sku])
  for i = 1, #asked, 2 do
    local quantity, since = string.match(asked[i + 1], '^(%d+):(%d+)')
    if tonumber(since) < now - ${patienceSeconds} then
      redis.call('hdel', KEYS[2 * sku], asked[i])
      redis.call('hincrby', KEYS[2 * sku - 1], 'pending', -tonumber(quantity))
    end
  end
end

local function decide(order, lines)
  local free = {}
  local enough = true
  for i, line in ipairs(lines) do
    free[i] = free_of(line[1], order)
    if not free[i] then return 0 end
    if free[i] < line[2] then
      forget_undecided(line[1])
      free[i] = free_of(line[1], order)
      if free[i] < line[2] then enough = false end
    end
  end
  if not enough then return free end
  for _, line in ipairs(lines) do
    if redis.call('hsetnx', KEYS[2 * line[1]], order, string.format('%d:%d', line[2], now)) == 1 then
      redis.call('hincrby', KEYS[2 * line[1] - 1], 'pending', line[2])
    end
  end
  return 0
end

local answers = {}
for i, order in ipairs(cjson.decode(ARGV[1])) do answers[i] = decide(order[1], order[2]) end
return cjson.encode(answers)
`

/**
 * KEYS: state and asked of each SKU. ARGV: a JSON list with one entry for each SKU: `decided`, orders of which to forget
 * what they asked, all of them with `forget`; and unless there is nothing new: `state`, [available, reserved, sold, version], which is taken over when
 * it is newer, and then `notice` is published on `channel`, so that watchers know what the copy knows. Answers with the
 * places of the SKUs whose state was newer.
 */
export const applyScript = `
local newer = {}
for i, entry in ipairs(cjson.decode(ARGV[1])) do
  local state, asked = KEYS[2 * i - 1], KEYS[2 * i]
  if entry.forget then
    redis.call('del', asked)
    redis.call('hdel', state, 'pending')
  end
  for _, order in ipairs(entry.decided) do
    local quantity = redis.call('hget', asked, order)
    if quantity then
      redis.call('hdel', asked, order)
      redis.call('hincrby', state, 'pending', -tonumber(string.match(quantity, '^%d+')))
    end
  end
  if entry.state then
    local available, reserved, sold, version = unpack(entry.state)
    local known = redis.call('hget', state, 'version')
    if not known or tonumber(known) < version then
      redis.call('hset', state, 'available', available, 'reserved', reserved, 'sold', sold, 'version', version)
      redis.call('publish', entry.channel, entry.notice)
      newer[#newer + 1] = i
    end
  end
end
return newer
`
