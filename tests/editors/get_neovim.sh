#!/usr/bin/env bash
# Installs a current Neovim (0.12 or later) for the editor tests on a Debian machine whose own is older, as root:
#   get_neovim.sh DIR   -> DIR/bin/nvim      (about 3 minutes and 500 MB, once)
# A tree of Debian's development release stands beside the system; its programs run through its own loader, so
# nothing of the system changes.
set -euo pipefail
mkdir -p "$1"
dir=$(cd "$1" && pwd)
tree=$dir/tree
if "$dir/bin/nvim" --version >/dev/null 2>&1; then
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
if ! command -v debootstrap >/dev/null; then
    apt-get update -q
    apt-get install -y -q --no-install-recommends debootstrap
fi
rm -rf "$tree"
debootstrap --variant=minbase --include=ca-certificates sid "$tree" >"$dir/debootstrap.log" 2>&1
# The release file may be past its date on a mirror that lags; signatures are checked all the same.
unshare -m sh -c '
    mount --make-rprivate / && mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" &&
    chroot "$0" apt-get -o Acquire::Check-Valid-Until=false update -q &&
    exec chroot "$0" apt-get install -y -q --no-install-recommends neovim' "$tree" >"$dir/apt.log" 2>&1
mkdir -p "$dir/bin"
cat >"$dir/bin/nvim" <<SH
#!/bin/sh
exec env VIMRUNTIME=$tree/usr/share/nvim/runtime \\
    $tree/lib64/ld-linux-x86-64.so.2 --library-path $tree/usr/lib/x86_64-linux-gnu \\
    $tree/usr/bin/nvim --cmd 'set runtimepath+=$tree/usr/lib/nvim' "\$@"
SH
chmod +x "$dir/bin/nvim"
"$dir/bin/nvim" --version | head -1
