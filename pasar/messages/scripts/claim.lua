-- Take a conversation that is due: the batch that its last owner left, else all that waits as a new one.
-- Gives the batch's id, the attempt and the messages as they came; nothing where it is not due any more.
local due, thread, fresh, batch, messages = unpack(KEYS)
local conversation, owner, new = unpack(ARGV)
local now, lease_ends = tonumber(ARGV[4]), tonumber(ARGV[5])

local since = redis.call('ZSCORE', due, conversation)
if not since or tonumber(since) > now then
  return false
end

local id = redis.call('HGET', thread, 'batch')
if not id then
  id = new
  redis.call('RENAME', fresh, batch)
  redis.call('HSET', thread, 'batch', id, 'attempt', 0)
  redis.call('HDEL', thread, 'first_at', 'ready_at')
end
local attempt = redis.call('HINCRBY', thread, 'attempt', 1)
redis.call('HSET', thread, 'owner', owner)
redis.call('ZADD', due, lease_ends, conversation)

local found = {id, attempt}
for _, entry in ipairs(redis.call('LRANGE', batch, 0, -1)) do
  local fields = redis.call('XRANGE', messages, entry, entry)[1][2]
  table.insert(found, fields[6])
end
return found
