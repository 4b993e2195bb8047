-- Drives a real Neovim against the plug-in in editors/neovim and the built program:
--   nvim --clean -l neovim.lua NVIM PLUGIN_FOLDER ROPEWALK
-- The script is the parent; the editor under test is a child that is typed into with real keys.
-- Prints a line a check and ends with ALL OK, or exits with 1.
local nvim, plugin, ropewalk = arg[1], arg[2], arg[3]
local LIMIT_MS = 30000

local folder = vim.fn.tempname()
vim.fn.mkdir(folder, 'p')
local file = folder .. '/shapes.py'
vim.fn.writefile({
  'def area(width, height):',
  '    return width * height',
  '',
  '',
  'def volume(width, height, depth):',
  '    return width * height * depth',
  '',
  '',
  'print("area", area(2, 3))',
  'print("volume", volume(2, 3, 4))',
  'print("area", area(4, 5))',
  'print("volume", volume(4, 5, 6))',
  '',
}, file)

local child = vim.fn.jobstart(
  { nvim, '--embed', '--headless', '--clean', '-n', '--cmd', 'set runtimepath^=' .. plugin },
  { rpc = true }
)

local function rpc(method, ...)
  -- Answered even at a hit-enter prompt, where anything else would hang.
  if vim.fn.rpcrequest(child, 'nvim_get_mode').blocking then
    vim.fn.rpcrequest(child, 'nvim_input', '<CR>')
  end
  return vim.fn.rpcrequest(child, method, ...)
end

local function lua(code, ...)
  return rpc('nvim_exec_lua', code, { ... })
end

-- Runs `code` in the child until it gives a truthy value; the value and the milliseconds it took.
local function await(code, ...)
  local start = vim.uv.hrtime()
  local function elapsed()
    return (vim.uv.hrtime() - start) / 1e6
  end
  repeat
    local value = lua(code, ...)
    if value and value ~= vim.NIL then
      return value, elapsed()
    end
    vim.wait(10)
  until elapsed() > LIMIT_MS
end

local failures = 0
local function check(name, passed, note)
  failures = failures + (passed and 0 or 1)
  local text = note == nil and '' or vim.inspect(note):gsub('%s+', ' ')
  io.stdout:write(('%-4s %-34s %s\n'):format(passed and 'ok' or 'FAIL', name, text))
end

local function lines()
  return rpc('nvim_buf_get_lines', 0, 0, -1, false)
end

rpc('nvim_ui_attach', 100, 30, {}) -- with a UI redraws are real, and ghost text with them
rpc('nvim_command', 'set messagesopt=wait:0,history:500 expandtab')
lua([[ vim.lsp.config('ropewalk', { cmd = { ..., 'lsp' } }) ]], ropewalk)
rpc('nvim_command', 'edit ' .. vim.fn.fnameescape(file))

local attached = await([[
  local client = vim.lsp.get_clients({ bufnr = 0, name = 'ropewalk' })[1]
  return client and client.initialized and client.offset_encoding ]])
check('attaches', attached ~= nil, attached)
if not attached then
  os.exit(1)
end

-- The model loads in the background: the first suggestion may wait for it, as it would for a person.
local loaded = await([[
  local client = vim.lsp.get_clients({ bufnr = 0, name = 'ropewalk' })[1]
  local answer = client:request_sync('workspace/executeCommand', { command = 'ropewalk.status', arguments = {} }, 5000, 0)
  return answer and answer.result and answer.result.model and answer.result.model.state == 'ready' ]])
check('model is ready', loaded == true)

-- Ghost text: real keys in real insert mode on the last line.
rpc('nvim_command', 'normal! G')
rpc('nvim_input', 'iprint("area", ')
local ghost, ms = await([[
  local namespace = vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']
  local mark = namespace and vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })[1]
  return mark and mark[4].virt_text and mark[4].virt_text[1][1] ]])
check('shows ghost text', ghost ~= nil, { text = ghost, ms = ms and math.floor(ms) })
if ghost then
  rpc('nvim_input', '<Tab>')
  local accepted = await([[ local line = vim.api.nvim_get_current_line()
    return line:find(..., 1, true) and line ]], ghost)
  check('<Tab> accepts it', accepted ~= nil, accepted or rpc('nvim_get_current_line'))
end
rpc('nvim_input', '<Esc>')

-- What the server holds is what the buffer holds.
local text = table.concat(lines(), '\n') .. '\n'
local held = await([[
  local client = vim.lsp.get_clients({ bufnr = 0, name = 'ropewalk' })[1]
  local answer = client:request_sync('ropewalk/viewText', { textDocument = vim.lsp.util.make_text_document_params() }, 5000, 0)
  return answer and answer.result == ... and answer.result ]], text)
check('server holds the same text', held ~= nil)

-- A syntax error, typed.
rpc('nvim_input', 'Goprint((1<Esc>')
local problem = await([[
  local found = vim.diagnostic.get(0)
  return #found > 0 and vim.tbl_map(function(it) return { it.lnum, it.code, it.message } end, found) ]])
check('shows a syntax error', problem ~= nil, problem)

-- Hover on the function's name.
rpc('nvim_win_set_cursor', 0, { 9, 15 })
lua([[ vim.lsp.buf.hover() ]])
local hover = await([[
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      return vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
    end
  end ]])
check('hover shows the signature', hover ~= nil and table.concat(hover, '\n'):find('area(width, height)', 1, true) ~= nil, hover)

pcall(rpc, 'nvim_command', 'qa!')
io.stdout:write(failures == 0 and 'ALL OK\n' or failures .. ' FAILED\n')
os.exit(failures == 0 and 0 or 1)
