-- Put off when a claim's lease ends. Gives 1, or 0 where the claim is somebody else's by now.
local due, thread = unpack(KEYS)
local conversation, owner, lease_ends = unpack(ARGV)

if redis.call('HGET', thread, 'owner') ~= owner then
  return 0
end
redis.call('ZADD', due, lease_ends, conversation)
return 1
