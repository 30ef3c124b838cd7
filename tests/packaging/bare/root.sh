#!/bin/bash
# The package on a bare system, as root: `tools/package try` runs it in a root made by debootstrap, with the package and
# the other scripts in /try. `quick`: without what needs further packages.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
deb=$(ls /try/*.deb)
quick=${1:-}

step() { printf '== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*"; exit 1; }

# Whatever bears the package's name; what users have, in /tmp too, is theirs, and indi_sony_ccd is indi-gphoto's.
left_overs() {
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /try -o -path /home -o -path /tmp -o -path /var/cache/apt \
        -o -name indi_sony_ccd \) -prune -o \( -iname '*indi*sony*' -o -path '*indi-sony*' \) -print
}

everything() {
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /try -o -path /home -o -path /tmp -o -path /var/log \
        -o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/cache \) -prune -o -printf '%p %y %m %u %s %l\n' | sort
}

step "apt install $(basename "$deb")"
[ -z "$(left_overs)" ] || fail "the system is not bare"
apt-get update -q >/dev/null
apt-get install -y "$deb" >/try/install.log 2>&1 || { tail -n 40 /try/install.log; fail "apt install"; }
echo "$(. /etc/os-release; echo "$PRETTY_NAME"), $(python3 --version), $(dpkg-query -W -f '${Package} ${Version}\n' indi-bin)"

step "an ordinary user takes frames"
useradd --create-home --shell /bin/bash observer
unshare --net python3 -I /try/alone.py su - observer -c "bash /try/user.sh" || fail "no frame"

step "clients find the driver by themselves"
python3 -I - <<'PY' || fail "the registration is not what clients look for"
import pathlib, shutil
from xml.etree import ElementTree
labels = []
for path in sorted(pathlib.Path("/usr/share/indi").glob("*.xml")):
    if path.stem.endswith("_sk"):
        continue
    # KStars takes drivers.xml and indi_*.xml; some of these files have no single root.
    if path.name == "drivers.xml" or path.name.startswith("indi_"):
        text = path.read_text("utf-8").partition("?>")
        root = ElementTree.fromstring(f"<all>{text[2] or text[0]}</all>")
        labels += [(device.get("label"), device.findtext("driver").strip()) for device in root.iter("device")]
ours = [program for label, program in labels if label == "Sony Alpha"]
assert ours == ["indi_sony_py"], ours
assert shutil.which(ours[0]) == "/usr/bin/indi_sony_py"
print(f"KStars: 1 of {len(labels)} drivers is Sony Alpha, its program is {shutil.which(ours[0])}")
PY

with_others() {
    apt-get install -y --no-install-recommends python3-venv >/try/web.log 2>&1 || fail "python3-venv"
    if python3 -m venv /try/web >>/try/web.log 2>&1 && /try/web/bin/pip install -q indiweb >>/try/web.log 2>&1; then
        chmod -R a+rX /try/web
        unshare --net python3 -I /try/alone.py su - observer -c "/try/web/bin/python -I /try/web_manager.py" || fail "INDI Web Manager does not find the driver"
    else
        echo "INDI Web Manager cannot be had here (/try/web.log)"
    fi

    step "the service"
    apt-get install -y --no-install-recommends systemd udev >/try/systemd.log 2>&1 || fail "systemd"
    systemd-analyze verify --man=no /usr/lib/systemd/system/indi-sony@.service || fail "the unit has faults"
    if udevadm --help | grep -q verify; then
        udevadm verify /usr/lib/udev/rules.d/61-indi-sony-py.rules || fail "the rules have faults"
    fi

    step "indi-gphoto beside it"
    apt-get install -y --no-install-recommends indi-gphoto >/try/gphoto.log 2>&1 || { tail -n 20 /try/gphoto.log; fail "indi-gphoto"; }
    command -v indi_sony_ccd >/dev/null || fail "indi_sony_ccd is not there"
    dpkg -s indi-sony-py | grep -q '^Status: install ok installed' || fail "indi-gphoto took the driver away"
}
[ "$quick" = quick ] || with_others

step "removed and purged"
everything >/try/with
apt-get purge -y indi-sony-py >/try/purge.log 2>&1 || { tail -n 20 /try/purge.log; fail "purge"; }
left=$(left_overs)
[ -z "$left" ] || fail "left behind: $left"
ls /home/observer/frames/*.fits >/dev/null || fail "the user's frames are gone"

step "installed, used by root, removed again: nothing else has changed"
everything >/try/before
dpkg -i "$deb" >/try/again.log 2>&1 || fail "dpkg -i"
compiled() { find /usr/lib/indi-sony-py -name '*.pyc' | wc -l; }
modules=$(compiled)
[ "$modules" -gt 100 ] || fail "modules are not compiled"
# As dpkg and python3 call them: an upgrade that is taken back, a new Python, the same version once more.
/var/lib/dpkg/info/indi-sony-py.prerm upgrade 99
/var/lib/dpkg/info/indi-sony-py.postinst abort-upgrade 99
[ "$(compiled)" = "$modules" ] || fail "modules are not compiled after an upgrade that did not come off"
find /usr/lib/indi-sony-py -name '*.pyc' -delete
for part in pre-rtupdate rtupdate post-rtupdate; do
    /usr/share/python3/runtime.d/indi-sony-py.rtupdate $part python3 python3 || fail "$part"
done
[ "$(compiled)" = "$modules" ] || fail "modules are not compiled for a new Python"
dpkg -i "$deb" >>/try/again.log 2>&1 || fail "dpkg -i over itself"
[ "$(compiled)" = "$modules" ] || fail "modules are not compiled after an upgrade"
indi_sony_py -v
indi-sony frames >/dev/null
ln -s /usr/lib/systemd/system/indi-sony@.service /etc/systemd/system/multi-user.target.wants/indi-sony@observer.service
apt-get remove -y indi-sony-py >>/try/again.log 2>&1 || fail "remove"
apt-get purge -y indi-sony-py >>/try/again.log 2>&1 || fail "purge"
everything >/try/after
diff /try/before /try/after || fail "the system is not what it was"
echo "nothing is left but the user's frames: $(ls /home/observer/frames | wc -l)"
