# Sourced by the other tools: makes a fresh Debian 12 (or any Linux with Python 3.11 and indiserver) ready, by itself.
#
#     set_up demo|test|bare     leaves $venv_python, an interpreter with the package and what the tool needs;
#                               bare: as test, without what virtual machines, KStars and the Debian package need
#
# Rules kept here: nothing outside the clone is touched but Debian packages that are missing; the machine's own pip and
# apt settings decide where packages come from; what is done is not done again, so later runs need no network; every
# failure says what to do.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
venv="$root/.venv"
venv_python="$venv/bin/python"

# The client library's own requirements serve parts that nothing here uses, and one of them needs a compiler.
client_package='pyindi-client>=2.3,<2.4'

say() { printf '%s\n' "$*" >&2; }

give_up() {
    say "set-up failed: $1"
    exit 1
}

_usable() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

_find_python() {
    local name
    for name in ${PYTHON:+"$PYTHON"} python3 /usr/bin/python3 python3.11 python3.12 python3.13 python3.14; do
        if _usable "$name"; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

_as_root() {
    if [ "$(id -u)" = 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    elif command -v sudo >/dev/null; then
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    else
        return 1
    fi
}

_missing_packages() {
    _find_python >/dev/null || echo python3 python3-venv
    command -v indiserver >/dev/null && command -v indi_getprop >/dev/null || echo indi-bin
    [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
    if [ "$1" != demo ]; then
        command -v indi_gphoto_ccd >/dev/null || echo indi-gphoto
        command -v gphoto2 >/dev/null || echo gphoto2
        command -v gcc >/dev/null && [ -e /usr/include/stdlib.h ] || echo gcc libc6-dev
        command -v exiftool >/dev/null || echo libimage-exiftool-perl
        command -v fitsverify >/dev/null || echo fitsverify
        command -v funpack >/dev/null || echo libcfitsio-bin
        command -v siril-cli >/dev/null || echo siril
        command -v astap_cli >/dev/null || echo astap-cli
        command -v setpriv >/dev/null || echo util-linux
        command -v mount >/dev/null || echo mount
        if [ "$1" != bare ]; then
            _missing_for_machines
            _missing_for_ekos
            _missing_for_packages
        fi
    fi
}

# The real KStars, on a display in memory and a message bus of its own; xdotool sees its windows. 100 MB to download, half
# a minute.
_missing_for_ekos() {
    command -v kstars >/dev/null || echo kstars
    command -v Xvfb >/dev/null || echo xvfb
    command -v dbus-daemon >/dev/null || echo dbus-daemon
    command -v xdotool >/dev/null || echo xdotool
}

# The virtual machine of the tests: QEMU emulates, a static busybox is its first root, kmod orders its kernel's modules,
# udev tells its programs of what is plugged in; lsusb and gphoto2 judge the camera there. Its kernel is downloaded by
# the tests themselves, and not installed.
_missing_for_machines() {
    [ "$(uname -m)" = x86_64 ] || return 0
    command -v qemu-system-x86_64 >/dev/null || echo qemu-system-x86
    _static_busybox || echo busybox-static
    PATH="$PATH:/usr/sbin:/sbin" command -v depmod >/dev/null || echo kmod
    [ -x /lib/systemd/systemd-udevd ] || echo udev
    command -v lsusb >/dev/null || echo usbutils
    command -v gphoto2 >/dev/null || echo gphoto2
}

# The Debian package is built and tried in bare systems; git says which files are the project's.
_missing_for_packages() {
    PATH="$PATH:/usr/sbin:/sbin" command -v debootstrap >/dev/null || echo debootstrap
    command -v git >/dev/null || echo git
}

_static_busybox() {
    [ -x /bin/busybox ] && ! ldd /bin/busybox >/dev/null 2>&1
}

_run_logged() {
    local log="$1"
    shift
    if ! "$@" >>"$log" 2>&1 </dev/null; then
        tail -n 25 "$log" >&2
        return 1
    fi
}

_install_packages() {
    local missing log
    missing=$(_missing_packages "$1" | tr '\n' ' ')
    [ -n "${missing// /}" ] || return 0
    command -v apt-get >/dev/null || give_up "these Debian packages (or your system's own) are needed: $missing"
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        give_up "neither root nor sudo. As root, run: apt-get install $missing"
    fi
    say "set-up: Debian packages $missing"
    log=$(mktemp)
    # Lists that are there may do; a fresh machine has none.
    # shellcheck disable=SC2086
    if ! _as_root apt-get install -y --no-install-recommends $missing >"$log" 2>&1 </dev/null; then
        _run_logged "$log" _as_root apt-get update || give_up "apt-get update failed (see above; log: $log)"
        # shellcheck disable=SC2086
        _run_logged "$log" _as_root apt-get install -y --no-install-recommends $missing ||
            give_up "apt-get install failed (see above; log: $log)"
    fi
    rm -f "$log"
}

_stamp() {
    local file files=()
    for file in setup.cfg pyproject.toml setup.py indi_sony_py/image/_decode.c; do
        [ ! -e "$root/$file" ] || files+=("$root/$file")
    done
    { cat "${files[@]}" "${BASH_SOURCE[0]}"; echo "$root"; } | sha256sum | cut -d' ' -f1
}

_is_done() {
    local stamp
    stamp=$(_stamp)
    "$venv_python" -c '' 2>/dev/null || return 1
    [ "$(cat "$venv/.ready-test" 2>/dev/null)" = "$stamp" ] && return 0
    [ "$1" = demo ] && [ "$(cat "$venv/.ready-demo" 2>/dev/null)" = "$stamp" ]
}

_install_python() {
    local what="$1" python log
    _is_done "$what" && return 0
    python=$(_find_python) ||
        give_up "no Python 3.11 or later with a working venv module found (set PYTHON=/path/to/python3 to choose one)"
    say "set-up: virtual environment .venv with $("$python" --version), this takes a minute"
    log="$root/.venv-setup.log"
    : >"$log"
    if ! "$venv_python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        rm -rf "$venv"
        _run_logged "$log" "$python" -m venv "$venv" || give_up "no virtual environment could be made (log: $log)"
    fi
    rm -f "$venv"/.ready-*
    # The compat mode puts the clone on the path as it is: no import hook that slows each start.
    _run_logged "$log" "$venv_python" -m pip install --config-settings editable_mode=compat -e "$root[$what]" ||
        give_up "pip could not install the package (see above; log: $log)"
    _run_logged "$log" "$venv_python" -m pip install --no-deps "$client_package" ||
        give_up "pip could not install the client library (see above; log: $log)"
    _stamp >"$venv/.ready-$what"
}

# A driver whose modules must be compiled first answers in 0.5 s, not in 0.15 s; where Python was told to write no
# bytecode, at every start.
_compile() {
    "$venv_python" -m compileall -q "$root/indi_sony_py" >/dev/null 2>&1 || true
}

set_up() {
    # One set-up at a time: the lock is on the clone's folder itself.
    exec 9<"$root"
    flock 9
    _install_packages "$1"
    _install_python "${1/bare/test}"
    _compile
    exec 9<&-
}
