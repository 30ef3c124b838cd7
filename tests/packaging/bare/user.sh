#!/bin/bash
# An ordinary user of the installed package: frames through indiserver, on simulated cameras.
set -euo pipefail
port=7701
mkdir -p "$HOME/frames"

started=()
finish() { for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done; }
trap finish EXIT

listens() {
    for _ in $(seq 200); do
        [ -e "$1" ] && return 0
        sleep 0.1
    done
    echo "nothing listens at $1"
    return 1
}

serves() {
    for _ in $(seq 100); do
        indi_getprop -p "$1" -t 1 "Sony Alpha.CONNECTION.CONNECT" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    echo "no server with the driver at port $1"
    return 1
}

indi_sony_py -v
python3 -I -c "import sys; sys.path.insert(0, '/usr/lib/indi-sony-py')
from indi_sony_py.image.compiled import compiled
assert compiled() is not None, 'the compiled decoder is missing'"
indi-sony --help >/dev/null
bash -c '. /usr/share/bash-completion/completions/indi-sony
    COMP_WORDS=(indi-sony sim); COMP_CWORD=1; _indi_sony; test "${COMPREPLY[*]}" = simulate' || { echo "no completion"; exit 1; }
for page in indi_sony_py indi-sony; do zcat "/usr/share/man/man1/$page.1.gz" | grep -q '^\.SH NAME'; done

# A camera whose RAW needs LibRaw: rawpy of the package is used, whatever the user has in the home.
mkdir -p "$HOME/poison/rawpy" "$HOME/poison/numpy"
echo 'raise SystemExit("the wrong rawpy")' >"$HOME/poison/rawpy/__init__.py"
echo 'raise SystemExit("the wrong numpy")' >"$HOME/poison/numpy/__init__.py"
export PYTHONPATH="$HOME/poison"
indi-sony simulate --body ILCE-7SM3 --raw lossy --listen "unix:$HOME/bus" --truth "$HOME/truth.jsonl" \
    --referee "$HOME/referee.jsonl" >"$HOME/camera.log" 2>&1 &
started+=($!)
listens "$HOME/bus"
INDI_SONY_BUS="unix:$HOME/bus" indiserver -u "$HOME/server-$port" -p $port indi_sony_py >"$HOME/server.log" 2>&1 &
started+=($!)
export -n PYTHONPATH
serves $port
sh /try/night.sh 2 1.5 "$HOME/frames" $port || { cat "$HOME/server.log"; exit 1; }
if grep -q '"kind": "rule"' "$HOME/referee.jsonl"; then cat "$HOME/referee.jsonl"; exit 1; fi
indi_setprop -p $port -s "Sony Alpha.CONNECTION.DISCONNECT=On"

# The switch SIMULATION, without any camera.
port=7702
indiserver -u "$HOME/server-$port" -p $port indi_sony_py >"$HOME/server2.log" 2>&1 &
started+=($!)
serves $port
indi_setprop -p $port -s "Sony Alpha.SIMULATION.ENABLE=On"
sh /try/night.sh 1 0.5 "$HOME/frames" $port || { cat "$HOME/server2.log"; exit 1; }

python3 -I - "$HOME"/frames/*.fits <<'PY'
import sys
import numpy
assert len(sys.argv) == 4, sys.argv
for path in sys.argv[1:]:
    data = open(path, "rb").read()
    assert data.startswith(b"SIMPLE  =                    T"), path
    end = data.index(b"END" + b" " * 77)
    cards = {data[n:n + 8].decode().strip(): data[n + 10:n + 80].decode() for n in range(0, end, 80)}
    columns, rows = (int(cards[name].split("/")[0]) for name in ("NAXIS1", "NAXIS2"))
    start = end + 80 + -(end + 80) % 2880
    pixels = numpy.frombuffer(data, ">i2", columns * rows, start).astype(numpy.int32) + 32768
    print(f"{path}: {columns}x{rows} {cards['BAYERPAT'].split('/')[0].strip()}, "
          f"{cards['EXPTIME'].split('/')[0].strip()} s, levels {pixels.min()} to {pixels.max()}")
    assert pixels.std() > 1, "a flat image"
PY
indi-sony finish
