-- How Neovim (0.11 and later) starts ropewalk. Holds no logic: `vim.lsp.enable('ropewalk')` turns it on,
-- `vim.lsp.config('ropewalk', { cmd = { '/path/to/ropewalk', 'lsp' } })` changes it.
return {
  cmd = { 'ropewalk', 'lsp' },
  -- No `filetypes`: every language is welcome, one without a grammar still gets completion.
  root_markers = { 'ropewalk.toml', '.git' },
}
