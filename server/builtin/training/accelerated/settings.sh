# Settings of the accelerated run, read by the other scripts; each can be given in the environment.
set -euo pipefail
: "${WORK:=/tmp/ropewalk-training}"     # everything is kept here, outside the checkout
: "${PYTHON:=python3}"                  # has torch, numpy and tokenizers
: "${MINUTES:=20}"                      # of training, after compiling; the schedule is made for it
: "${BATCH:=256}"                       # sequences of an optimiser step
: "${SEQ:=1024}"
: "${SHAPE:=--vocab 16384 --dim 512 --layers 12 --heads 8 --kv 2 --ffn 1536}"
: "${EPOCHS:=4}"                        # epochs with spans of their own; what is read more often repeats one
: "${WORKERS:=$(($(nproc) > 1 ? $(nproc) - 1 : 1))}"
: "${MIX:=python=0.8,javascript=1.2,typescript=1.2,rust=1}"
TRAINING=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export TOKENIZERS_PARALLELISM=false PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
export TORCHINDUCTOR_CACHE_DIR=$WORK/compiled TORCHINDUCTOR_COMPILE_THREADS=4
mkdir -p "$WORK/sequences"

# --val NAME=FILE:BYTES_PER_TOKEN for each held-out file of part 1
held_out() {
  "$PYTHON" -c '
import json, sys
for name, size in json.load(open(sys.argv[1] + "/heldout.json")).items():
    print(f"--val {name}={sys.argv[1]}/heldout-{name}.bin:{size}")' "$WORK/parts/1"
}
# Has the file that the detached run writes its process id to a live process behind it?
runs() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }
