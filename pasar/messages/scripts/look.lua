-- The first conversations of each partition (KEYS: their sets "due") that are due. Gives each with since when.
local now, most = ARGV[1], ARGV[2]

local found = {}
for _, due in ipairs(KEYS) do
  for _, value in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', now, 'WITHSCORES', 'LIMIT', 0, most)) do
    table.insert(found, value)
  end
end
return found
