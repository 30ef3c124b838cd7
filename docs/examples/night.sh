#!/bin/sh
# Takes COUNT frames of SECONDS into FOLDER, with the command line tools of INDI alone.
#
#     night.sh COUNT SECONDS FOLDER [PORT]
#
# The files are written where the server runs.
set -eu
count=$1 seconds=$2 folder=$3 port=${4:-7624}
device="Sony Alpha"
# With a type (-s switch, -n number, -x text) indi_setprop sends at once; without one it asks the server first.
set_property() { indi_setprop -p "$port" "$1" "$device.$2"; }
# indi_eval ends as soon as the expression holds; states are 0 idle, 1 ok, 2 busy, 3 alert. A name may stand in it once.
wait_for() { indi_eval -p "$port" -t "$1" -w "$2"; }
saved() { indi_getprop -p "$port" -1 "$device.CCD_FILE_PATH.FILE_PATH" 2>/dev/null || true; }

set_property -s "CONNECTION.CONNECT=On"
wait_for 40 "\"$device.CCD_EXPOSURE.CCD_EXPOSURE_VALUE\" >= 0"
set_property -s "UPLOAD_MODE.UPLOAD_LOCAL=On"
set_property -x "UPLOAD_SETTINGS.UPLOAD_DIR;UPLOAD_PREFIX=$folder;night_XXX"
limit=$(echo "$seconds" | awk '{print int(2 * $1 + 120)}')
taken=0
while [ "$taken" -lt "$count" ]; do
    before=$(saved)
    set_property -n "CCD_EXPOSURE.CCD_EXPOSURE_VALUE=$seconds"
    # What comes after it may be answered before it: the exposure has begun when it is busy.
    wait_for 10 "\"$device.CCD_EXPOSURE._STATE\" == 2" || true
    wait_for "$limit" "\"$device.CCD_EXPOSURE._STATE\" != 2"
    if [ "$(saved)" = "$before" ]; then
        echo "frame $((taken + 1)) did not come" >&2
        exit 1
    fi
    taken=$((taken + 1))
done
saved
