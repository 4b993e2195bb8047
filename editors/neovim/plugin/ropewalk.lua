-- Turns on what the running Neovim can show: ghost text from 0.12 on, the completion menu before.
-- `vim.g.ropewalk_keymaps = false` keeps the keys as they are.

if vim.g.loaded_ropewalk or vim.fn.has('nvim-0.11') == 0 then
  return
end
vim.g.loaded_ropewalk = true

local has_ghost_text = vim.lsp.inline_completion ~= nil

local function map_accept(buffer)
  if vim.g.ropewalk_keymaps == false then
    return
  end
  vim.keymap.set('i', '<Tab>', function()
    if not vim.lsp.inline_completion.get() then
      return '<Tab>'
    end
  end, { buffer = buffer, expr = true, desc = 'Accept the inline suggestion' })
  vim.keymap.set('i', '<M-]>', function()
    vim.lsp.inline_completion.select({ count = 1 })
  end, { buffer = buffer, desc = 'Next inline suggestion' })
end

vim.api.nvim_create_autocmd('LspAttach', {
  group = vim.api.nvim_create_augroup('ropewalk', {}),
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if not client or client.name ~= 'ropewalk' then
      return
    end
    if has_ghost_text then
      vim.lsp.inline_completion.enable(true, { client_id = client.id })
      map_accept(event.buf)
    else
      vim.lsp.completion.enable(true, client.id, event.buf, { autotrigger = true })
    end
  end,
})

vim.lsp.enable('ropewalk')
