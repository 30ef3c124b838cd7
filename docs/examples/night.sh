#!/bin/sh
# Takes COUNT frames of SECONDS into FOLDER, with the command line tools of INDI alone.
#
#     night.sh COUNT SECONDS FOLDER [PORT]
#
# The files are written where the server runs.
set -eu
count=$1 seconds=$2 folder=$3 port=${4:-7624}
device="Sony Alpha"
# indi_eval ends as soon as the expression holds; states are 0 idle, 1 ok, 2 busy, 3 alert. A name may stand in it once.
wait_for() { indi_eval -p "$port" -t "$1" -w "$2"; }
saved() { indi_getprop -p "$port" -1 "$device.CCD_FILE_PATH.FILE_PATH" 2>/dev/null || true; }

# Without a type indi_setprop waits until the server knows the property: the driver may just be starting.
indi_setprop -p "$port" -t 30 "$device.CONNECTION.CONNECT=On"
wait_for 40 "\"$device.CCD_EXPOSURE.CCD_EXPOSURE_VALUE\" >= 0"
limit=$(echo "$seconds" | awk '{print int(2 * $1 + 120)}')
taken=0
while [ "$taken" -lt "$count" ]; do
    before=$(saved)
    # What one command sends comes in its order (-s switch, -x text, -n number). What several send may overtake each other on
    # a busy machine: that is why the exposure is waited for first, and then its end.
    indi_setprop -p "$port" -s "$device.UPLOAD_MODE.UPLOAD_LOCAL=On" \
        -x "$device.UPLOAD_SETTINGS.UPLOAD_DIR;UPLOAD_PREFIX=$folder;night_XXX" \
        -n "$device.CCD_EXPOSURE.CCD_EXPOSURE_VALUE=$seconds"
    wait_for 10 "\"$device.CCD_EXPOSURE._STATE\" == 2" || true
    wait_for "$limit" "\"$device.CCD_EXPOSURE._STATE\" != 2"
    if [ "$(saved)" = "$before" ]; then
        echo "frame $((taken + 1)) did not come" >&2
        exit 1
    fi
    taken=$((taken + 1))
done
saved
