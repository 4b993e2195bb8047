#!/usr/bin/env bash
set -euo pipefail

# Doesn't touch what's there.
target="${1:-build}"
count=0

log() {
  printf '%s\n' "$(date): $*" >&2
}

for file in src/*.txt; do
  if [[ -f "$file" ]]; then
    cp "$file" "$target/${file##*/}"
    count=$((count + 1))
  else
    log "no such file: $file"
  fi
done

case "$count" in
  0) log "nothing" ;;
  *) log "copied $count" ;;
esac

cat <<EOF
It's done: $count (of some)
EOF
