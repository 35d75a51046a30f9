-- Let go of a claimed conversation, which keeps its batch. Gives 1, or 0 where it is somebody else's by now.
local due, thread = unpack(KEYS)
local conversation, owner, due_at, attempts = unpack(ARGV)

if redis.call('HGET', thread, 'owner') ~= owner then
  return 0
end
redis.call('HDEL', thread, 'owner')
redis.call('HINCRBY', thread, 'attempt', attempts)
redis.call('ZADD', due, due_at, conversation)
return 1
