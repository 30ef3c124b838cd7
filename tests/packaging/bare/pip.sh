#!/bin/bash
# pip in a user's home, and the part of the system by `indi-sony install`, on a bare system, as root: `tools/package pip` runs
# it, with the source in /try/source.
set -euo pipefail
tool=/home/observer/indi/bin/indi-sony port=7705

step() { printf '== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*"; exit 1; }
everything() {
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /try -o -path /run -o -path /home -o -path /tmp -o -path /var/log \
        -o -path /var/cache -o -path /root \) -prune -o -printf '%p %y %m %u %s %l\n' | sort
}

step "a user installs it with pip"
apt-get install -y --no-install-recommends python3-venv indi-bin systemd udev >/try/apt.log 2>&1 || fail "apt-get"
useradd --create-home --shell /bin/bash observer
mv /try/source /home/observer/source
chown -R observer: /home/observer/source
su observer -c 'cd && python3 -m venv indi && indi/bin/pip install ./source' >/try/pip.log 2>&1 ||
    { tail -n 20 /try/pip.log; fail "pip"; }
su observer -c "$tool --version"

step "root installs the part of the system"
everything >/try/before
"$tool" install
systemd-analyze verify --man=no /etc/systemd/system/indi-sony@.service || fail "the unit has faults"
grep -q indi_sony_py /usr/share/indi/indi_sony_py.xml || fail "no entry for clients"

step "the user takes a frame with the driver by its name"
cat >/try/frame.sh <<'SH'
indi-sony simulate --body ILCE-7SM3 --listen "unix:$HOME/bus" --referee "$HOME/referee.jsonl" >"$HOME/camera.log" 2>&1 &
camera=$!
until [ -e "$HOME/bus" ]; do sleep 0.1; done
INDI_SONY_BUS="unix:$HOME/bus" indiserver -u "$HOME/server" -p "$1" indi_sony_py >"$HOME/server.log" 2>&1 &
server=$!
until indi_getprop -p "$1" -t 1 "Sony Alpha.CONNECTION.CONNECT" >/dev/null 2>&1; do sleep 0.1; done
mkdir -p "$HOME/frames"
sh /try/night.sh 1 1 "$HOME/frames" "$1"
status=$?
kill "$server" "$camera"
wait
indi-sony finish
exit $status
SH
timeout 300 unshare --net python3 -I /try/alone.py su - observer -c "bash /try/frame.sh $port" || { cat /home/observer/server.log; fail "no frame"; }
! grep -q '"kind": "rule"' /home/observer/referee.jsonl || fail "a rule of the camera was broken"

step "taken away again: nothing of it is left in the system"
"$tool" install --remove
everything >/try/after
diff /try/before /try/after || fail "the system is not what it was"
echo "nothing is left outside the user's home"
