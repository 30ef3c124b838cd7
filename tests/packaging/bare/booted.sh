#!/bin/bash
# The service of the installed package under a running systemd, as root: `tools/package service` boots a bare system that
# runs it as a unit (booted.service), with the simulated camera as another one (camera.service).
set -euo pipefail
home=/home/observer port=7705 unit=indi-sony@observer.service
device="Sony Alpha"

step() { printf '== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*"; systemctl status --no-pager "$unit" | tail -n 30; exit 1; }
as_user() { runuser -u observer -- env HOME=$home "$@"; }
property() { indi_getprop -p $port -t 2 -1 "$device.$1" 2>/dev/null; }
until_true() {
    local limit=$1
    shift
    for _ in $(seq $((limit * 10))); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        sleep 0.1
    done
    fail "not within $limit s: $*"
}
hands() { pgrep -u observer -f 'indi_sony_py[.]hand.*--key'; }
no_hands() { ! hands; }
serves() { indi_getprop -p $port -t 1 "$device.CONNECTION.CONNECT"; }
presses() { grep -c '"by": "host"' $home/truth.jsonl || true; }
saved() { find "$home/frames" -name "$1" | wc -l; }
# The countdown runs, and has for three seconds.
opened() {
    local left
    left=$(property CCD_EXPOSURE.CCD_EXPOSURE_VALUE | cut -d. -f1)
    [ "$left" -gt 0 ] && [ "$left" -lt $(($1 - 3)) ]
}

connect() { indi_setprop -p $port -s "$device.CONNECTION.CONNECT=On"; }
begin() {
    connect
    indi_eval -p $port -t 40 -w "\"$device.CCD_EXPOSURE.CCD_EXPOSURE_VALUE\" >= 0"
    indi_setprop -p $port -s "$device.UPLOAD_MODE.UPLOAD_LOCAL=On" \
        -x "$device.UPLOAD_SETTINGS.UPLOAD_DIR;UPLOAD_PREFIX=$home/frames;$2_XXX" -n "$device.CCD_EXPOSURE.CCD_EXPOSURE_VALUE=$1"
    until_true 30 opened "$1"
}

step "$(systemctl --version | head -n 1), PID 1 is $(cat /proc/1/comm); $(systemd-detect-virt || true)"
systemctl start "$unit"
until_true 60 serves
for program in indiserver indi_sony_py; do
    [ "$(ps -o user= -C $program | sort -u)" = observer ] || fail "$program does not run as the user"
done
systemd-analyze security --no-pager "$unit" | tail -n 1

step "frames of an ordinary user"
as_user sh /try/night.sh 2 1.5 "$home/frames" $port || fail "no frame"
[ "$(saved 'night_*.fits')" = 2 ] || fail "not two frames"

step "systemctl stop in the middle of an exposure of 90 s"
begin 90 stopped
began=$SECONDS
systemctl stop "$unit" || fail "the stop failed"
echo "stopped after $((SECONDS - began)) s: $(systemctl show -P Result "$unit")"
[ $((SECONDS - began)) -lt 60 ] || fail "it took as long as the exposure"
no_hands || fail "a process of the camera was left"
[ "$(saved 'kept_stopped_*')" = 1 ] || fail "the frame is not saved"
[ "$(systemctl show -P Result "$unit")" = success ] || fail "the stop counts as a failure"

step "started again: the camera is as it was, the next frame is new"
systemctl start "$unit"
until_true 60 serves
as_user sh /try/night.sh 1 1 "$home/frames" $port || fail "no frame after the restart"
[ "$(saved 'night_*.fits')" = 3 ] || fail "not three frames"

step "systemctl restart in the middle of an exposure"
begin 90 restarted
systemctl restart "$unit"
until_true 60 serves
[ "$(saved 'kept_restarted_*')" = 1 ] || fail "the frame is not saved"

step "the package is installed anew in the middle of an exposure: it goes on, and the next one works, too"
begin 25 upgraded
before=$(hands)
dpkg -i /try/*.deb >/try/upgrade.log 2>&1 || { cat /try/upgrade.log; fail "dpkg -i"; }
[ "$(hands)" = "$before" ] || fail "the camera's process did not live on"
until_true 60 test -e "$home/frames/upgraded_001.fits"
as_user sh /try/night.sh 1 1 "$home/frames" $port || fail "no frame after the upgrade"
[ "$(saved 'night_*.fits')" = 4 ] || fail "not four frames"

step "indiserver is killed: another one is started, and the exposure goes on"
begin 25 survived
before=$(hands)
systemctl kill --kill-whom=main --signal=KILL "$unit"
until_true 30 serves
[ "$(hands)" = "$before" ] || fail "the camera's process did not live on"
connect
until_true 120 test -e "$home/frames/survived_001.fits"
[ "$(presses)" = 8 ] || fail "$(presses) presses"

step "the machine goes down in the middle of an exposure"
indi_eval -p $port -t 60 -w "\"$device.CCD_EXPOSURE._STATE\" != 2" || true
begin 90 goodnight
echo "going down"
