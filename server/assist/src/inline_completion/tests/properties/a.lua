-- A stack that's small.
local Stack = {}
Stack.__index = Stack

function Stack.new(limit)
  return setmetatable({ items = {}, limit = limit or 8 }, Stack)
end

function Stack:push(value)
  if #self.items >= self.limit then
    error("full (" .. self.limit .. ")")
  end
  for index, item in ipairs(self.items) do
    if item == value then
      return index
    end
  end
  table.insert(self.items, value)
  return #self.items
end

return Stack
