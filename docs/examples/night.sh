#!/bin/sh
# Takes COUNT frames of SECONDS into FOLDER, with the command line tools of INDI alone.
#
#     night.sh COUNT SECONDS FOLDER [PORT]
#
# The files are written where the server runs.
set -eu
count=$1 seconds=$2 folder=$3 port=${4:-7624}
device="Sony Alpha"
set_property() { indi_setprop -p "$port" "$device.$1"; }
# indi_eval ends as soon as the expression holds; states are 0 idle, 1 ok, 2 busy, 3 alert. A name may stand in it once.
wait_for() { indi_eval -p "$port" -t "$1" -w "$2"; }

set_property "CONNECTION.CONNECT=On"
wait_for 40 "\"$device.CCD_EXPOSURE.CCD_EXPOSURE_VALUE\" >= 0"
set_property "UPLOAD_MODE.UPLOAD_LOCAL=On"
set_property "UPLOAD_SETTINGS.UPLOAD_DIR;UPLOAD_PREFIX=$folder;night_XXX"
taken=0
while [ "$taken" -lt "$count" ]; do
    set_property "CCD_EXPOSURE.CCD_EXPOSURE_VALUE=$seconds"
    limit=$(echo "$seconds" | awk '{print int(2 * $1 + 120)}')
    wait_for "$limit" "\"$device.CCD_EXPOSURE._STATE\" != 2"
    taken=$((taken + 1))
done
indi_getprop -p "$port" "$device.CCD_FILE_PATH.FILE_PATH"
