-- Keep a message, unless it came before. Gives 1 where it is new, else 0.
local known, recorded, messages, due, thread, fresh = unpack(KEYS)
local member, data, conversation, is_work, address = unpack(ARGV)
local now, pause, most, keep = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])

if redis.call('ZSCORE', known, member) then
  return 0
end
if is_work ~= '1' then
  redis.call('ZADD', known, now + keep, member)
  redis.call('HSET', recorded, member, data)
  return 1
end

-- What waits is never forgotten; finish.lua gives it the time until which it is known.
redis.call('ZADD', known, '+inf', member)
local id = redis.call('XADD', messages, '*', 'member', member, 'keep_until', now + keep, 'data', data)
redis.call('RPUSH', fresh, id)

local first = tonumber(redis.call('HGET', thread, 'first_at') or now)
local ready = math.min(first + most, now + pause)
redis.call('HSET', thread, 'first_at', first, 'ready_at', ready)
if address ~= '' then
  redis.call('HSET', thread, 'address', address)
end
if redis.call('HEXISTS', thread, 'batch') == 0 then
  redis.call('ZADD', due, ready, conversation)
end
return 1
