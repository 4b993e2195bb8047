#!/usr/bin/env bash
# receive.sh PART...: takes parts in and packs them in the background; comes back when there is something to train on.
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
for part in "$@"; do
  number=$(basename "$part")
  mkdir -p "$WORK/parts"
  rm -rf "${WORK:?}/parts/$number"
  cp -r "$part" "$WORK/parts/$number"
  setsid nohup "$PYTHON" "$TRAINING/parts.py" epochs --part "$WORK/parts/$number" --tokenizer "$WORK/parts/1/tokenizer.json" \
    --out "$WORK/sequences" --seq "$SEQ" --epochs "$EPOCHS" --workers "$WORKERS" --mix "$MIX" \
    > "$WORK/pack-$number.log" 2>&1 < /dev/null &
  packer=$!
done
until ls "$WORK"/sequences/*.bin > /dev/null 2>&1; do
  kill -0 "$packer" 2> /dev/null || { cat "$WORK"/pack-*.log; echo "nothing was packed"; exit 1; }
  sleep 0.5
done
echo "received: $*; files so far: $(ls "$WORK"/sequences/*.bin | wc -l)"
