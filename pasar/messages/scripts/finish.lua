-- A batch is done: its messages go, and are known until their platform sends them no more; what came meanwhile is next.
-- Gives 1, or 0 where the batch is somebody else's by now.
local due, thread, batch, messages, known = unpack(KEYS)
local conversation, owner = unpack(ARGV)

if redis.call('HGET', thread, 'owner') ~= owner then
  return 0
end
for _, entry in ipairs(redis.call('LRANGE', batch, 0, -1)) do
  local fields = redis.call('XRANGE', messages, entry, entry)[1][2]
  redis.call('ZADD', known, fields[4], fields[2])
  redis.call('XDEL', messages, entry)
end
redis.call('DEL', batch)
redis.call('HDEL', thread, 'owner', 'batch', 'attempt')
local ready = redis.call('HGET', thread, 'ready_at')
if ready then
  redis.call('ZADD', due, ready, conversation)
else
  redis.call('ZREM', due, conversation)
end
return 1
