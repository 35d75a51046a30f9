-- Drop messages that no platform sends again, some at a time. Gives how many.
local known, recorded = unpack(KEYS)
local now, most = ARGV[1], ARGV[2]

local old = redis.call('ZRANGEBYSCORE', known, '-inf', '(' .. now, 'LIMIT', 0, most)
if #old > 0 then
  redis.call('ZREM', known, unpack(old))
  redis.call('HDEL', recorded, unpack(old))
end
return #old
