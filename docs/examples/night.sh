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
indi_setprop -p "$port" "$device.UPLOAD_MODE.UPLOAD_LOCAL=On"
indi_setprop -p "$port" "$device.UPLOAD_SETTINGS.UPLOAD_DIR;UPLOAD_PREFIX=$folder;night_XXX"
# What several commands send may overtake each other on a busy machine: the settings are waited for.
wait_for 10 "\"$device.UPLOAD_MODE.UPLOAD_LOCAL\" == 1"
tries=0
until [ "$(indi_getprop -p "$port" -1 "$device.UPLOAD_SETTINGS.UPLOAD_DIR")" = "$folder" ]; do
    tries=$((tries + 1))
    [ "$tries" -le 20 ] || { echo "the folder was not taken: $folder" >&2; exit 1; }
    sleep 0.5
done
limit=$(echo "$seconds" | awk '{print int(2 * $1 + 120)}')
taken=0
while [ "$taken" -lt "$count" ]; do
    before=$(saved)
    # So are the exposure, and then its end. One vector a command: a server that cannot answer a client which has gone
    # may drop what else that had sent.
    indi_setprop -p "$port" "$device.CCD_EXPOSURE.CCD_EXPOSURE_VALUE=$seconds"
    wait_for 10 "\"$device.CCD_EXPOSURE._STATE\" == 2" || true
    wait_for "$limit" "\"$device.CCD_EXPOSURE._STATE\" != 2"
    if [ "$(saved)" = "$before" ]; then
        echo "frame $((taken + 1)) did not come" >&2
        exit 1
    fi
    taken=$((taken + 1))
done
saved
