#!/usr/bin/env bash
# proof.sh: half a minute that shows that the device computes, that a checkpoint is written and read, and that weights come
# back whole from their parts. Stops with an error otherwise.
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
P=$WORK/proof
rm -rf "$P"
"$PYTHON" -c '
import numpy, tokenizers, torch
print("torch", torch.__version__, "numpy", numpy.__version__, "tokenizers", tokenizers.__version__)
if torch.cuda.is_available():
    print(torch.cuda.get_device_name(), torch.cuda.mem_get_info()[1] >> 30, "GiB, flash attention", torch.backends.cuda.flash_sdp_enabled())
else:
    print("no CUDA device: this is a rehearsal")'
# shellcheck disable=SC2046,SC2086  # words are wanted
"$PYTHON" "$TRAINING/train.py" --follow "$WORK/sequences" --out "$P" $SHAPE --seq "$SEQ" --batch "${PROOF_BATCH:-32}" \
  --micro "${PROOF_MICRO:-16}" --minutes "${PROOF_MINUTES:-0.15}" --val-seqs "${VAL_SEQS:-16}" $(held_out)
for kind in q8_0 bf16; do
  "$PYTHON" "$TRAINING/weights.py" split --checkpoint "$P/checkpoint.pt" --kind $kind --out "$P/$kind"
  "$PYTHON" "$TRAINING/weights.py" join --parts "$P/$kind" --out "$P/$kind.pt"
done
"$PYTHON" - "$P" <<'PYTHON'
import sys, torch
there, *back = (torch.load(f"{sys.argv[1]}/{name}.pt", map_location="cpu", weights_only=True)["model"] for name in ("checkpoint", "q8_0", "bf16"))
for kind, weights, most in zip(("q8_0", "bf16"), back, (0.01, 0.005)):
    worst = max(((weights[n] - x.float()).abs().max() / x.float().abs().max()).item() for n, x in there.items())
    print(f"{kind}: largest relative difference after the way back {worst:.4f}")
    assert worst < most, kind
print("proof: good")
PYTHON
