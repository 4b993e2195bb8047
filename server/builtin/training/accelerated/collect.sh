#!/usr/bin/env bash
# collect.sh FOLDER SECONDS [KIND [FROM:TO]]: waits until the run has finished, at most SECONDS; then its log and its
# weights (q8_0 or bf16, all parts or some) go to FOLDER, in files that are small enough to be brought back.
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
folder=$1 end=$((SECONDS + $2)) kind=${3:-q8_0} only=${4:-:}
until [ -e "$WORK/finished" ] || [ $SECONDS -ge $end ]; do
  runs "$WORK/train.pid" || { echo "the run is not running"; break; }
  sleep 1
done
cat "$WORK"/pack-*.log "$WORK/train.log" > "$folder/log.txt"
if [ -e "$WORK/run/checkpoint.pt" ]; then
  "$PYTHON" "$TRAINING/weights.py" split --checkpoint "$WORK/run/checkpoint.pt" --kind "$kind" --out "$folder" --only "$only"
fi
tail -n 12 "$WORK/train.log"
if [ -e "$WORK/finished" ]; then echo "finished"; else echo "not finished: call again"; fi
