#!/usr/bin/env bash
# train.sh: starts the run and leaves it running. Given again, it goes on from the last checkpoint, or, on a new machine,
# from weights that came back from the old one (INIT=folder of parts, ELAPSED=minutes that they had trained).
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
if runs "$WORK/train.pid"; then
  echo "already running"
  exit
fi
rm -f "$WORK/finished"
if [ -n "${INIT:-}" ] && [ ! -e "$WORK/run/checkpoint.pt" ]; then
  "$PYTHON" "$TRAINING/weights.py" join --parts "$INIT" --out "$WORK/init.pt"
fi
held=$(held_out)
read -r MICRO OPTIONS < "$WORK/micro"
export MICRO OPTIONS held WORK PYTHON TRAINING SHAPE SEQ BATCH MINUTES ELAPSED="${ELAPSED:-0}" EVAL_MINUTES="${EVAL_MINUTES:-2}" VAL_SEQS="${VAL_SEQS:-64}"
setsid nohup bash -c '
  echo $$ > "$WORK/train.pid"
  for attempt in 1 2 3 4; do
    from=; [ -e "$WORK/init.pt" ] && from="--init $WORK/init.pt --elapsed $ELAPSED"
    [ -e "$WORK/run/checkpoint.pt" ] && from=--resume
    "$PYTHON" "$TRAINING/train.py" --follow "$WORK/sequences" --out "$WORK/run" $SHAPE --seq "$SEQ" --batch "$BATCH" --micro "$MICRO" $OPTIONS \
      --minutes "$MINUTES" --lr 2e-3 --wd 0.1 --warmup 0.03 --decay 0.35 --eval-minutes "$EVAL_MINUTES" --save-minutes 1 \
      --val-seqs "$VAL_SEQS" $held $from && { touch "$WORK/finished"; break; }
    echo "attempt $attempt ended early"
    [ "$MICRO" -gt 8 ] && MICRO=$((MICRO / 2))          # most often memory is what was short
    [ "$attempt" = 2 ] && OPTIONS=                      # or the compiler
  done
  rm -f "$WORK/train.pid"' > "$WORK/train.log" 2>&1 < /dev/null &
until [ -s "$WORK/train.pid" ]; do sleep 0.1; done
echo "training: $MINUTES minutes, log in $WORK/train.log"
