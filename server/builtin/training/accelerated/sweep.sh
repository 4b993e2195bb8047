#!/usr/bin/env bash
# sweep.sh: about a minute that finds how many sequences at once train fastest; train.sh reads what it found.
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
# shellcheck disable=SC2086  # words are wanted
"$PYTHON" "$TRAINING/sweep.py" $SHAPE --seq "$SEQ" --micro "${MICROS:-64,128,32}" --seconds "${SWEEP_SECONDS:-75}" --out "$WORK/micro"
echo "train.py will get: $(cat "$WORK/micro")"
