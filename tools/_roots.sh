# Sourced by tools that work in a root of a release of Debian: trixie, package, bare. Needs $place, the root's folder; with
# $layers (folders, the uppermost first, colons between) the root is these, and $place.upper holds what is changed. What apt
# downloads in it is kept in $archives, if that is set.
#
# Rules kept here: a root is a folder (debootstrap), entered by chroot in a mount namespace of its own, so that no mount
# of this machine changes; packages come from where this machine's apt and pip get theirs. As root; exit status 3: it
# cannot be done here, with the reason.

# With pip, for what it downloads here: PYTHON names another one.
python="${PYTHON:-python3}"

say() { printf '%s\n' "$*" >&2; }

give_up() {
    say "$1"
    exit 3
}

needs_root() {
    [ "$(id -u)" = 0 ] || give_up "a root of another release can be made and entered by root only"
    for program in debootstrap unshare chroot apt-get git; do
        command -v "$program" >/dev/null || give_up "$program is missing here"
    done
    unshare -m true 2>/dev/null || give_up "no mount namespace can be made here"
}

# The mirror of this machine's own release, as apt knows it.
mirror() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI)|$(ORIGIN)|$(CODENAME)|$(COMPONENT)' 'Created-By: Packages' |
        awk -F'|' '$2 == "Debian" && $4 == "main" && $3 !~ /-/ { print $1; exit }'
}

# make_root SUITE [PACKAGE,…]: into $place, once. For another architecture, $foreign, the first stage alone: the second one
# waits in its folder debootstrap.
make_root() {
    local from
    [ ! -e "$place/.made" ] || return 0
    from=$(mirror)
    [ -n "$from" ] || give_up "apt knows no mirror of Debian here (apt-get update?)"
    say "$1: debootstrap into $place"
    mkdir -p "$place"
    debootstrap --variant=minbase ${2:+--include="$2"} ${foreign:+--foreign --arch="$foreign"} "$1" "$place" "$from" \
        >"$place.log" 2>&1 || give_up "debootstrap failed, see $place.log"
    mkdir -p "$place/etc/ssl" "$place/etc/dpkg/dpkg.cfg.d"
    cp -L "${PIP_CERT:-/etc/ssl/certs/ca-certificates.crt}" "$place/etc/ssl/certificates-of-the-machine.crt" 2>/dev/null || true
    echo '127.0.0.1 localhost' >"$place/etc/hosts"
    # Nothing here has to outlive a power failure: three times as fast.
    echo force-unsafe-io >"$place/etc/dpkg/dpkg.cfg.d/fast"
    touch "$place/.made"
}

# The files of the clone as git knows them, with what is not committed yet, into a folder.
copy_clone() {
    mkdir -p "$1"
    (cd "$clone" && git ls-files -z --cached --others --exclude-standard | xargs -0 ls -d 2>/dev/null |
        tar -c --no-recursion -T -) | tar -x -C "$1"
}

# enter SCRIPT [WORD ...]: a shell script in the root, this machine's pip settings in its environment. `-n` before it: without
# any network.
enter() {
    local settings=(PIP_DEFAULT_TIMEOUT="${PIP_DEFAULT_TIMEOUT:-60}") index name apart=()
    if [ "$1" = -n ]; then apart=(-n); shift; fi
    [ -e /etc/ssl/certs/ca-certificates.crt ] &&
        settings+=(PIP_CERT=/etc/ssl/certificates-of-the-machine.crt)
    index=$("$python" -m pip config get global.index-url 2>/dev/null || true)
    index="${PIP_INDEX_URL:-$index}"
    [ -n "$index" ] && settings+=(PIP_INDEX_URL="$index")
    for name in OPENBLAS_CORETYPE OPENBLAS_L2_SIZE; do
        [ -n "${!name:-}" ] && settings+=("$name=${!name}")
    done
    if [ -n "${layers:-}" ]; then mkdir -p "$place" "$place.upper" "$place.work"; fi
    # shellcheck disable=SC2016
    unshare -m "${apart[@]}" bash -c '
        set -e
        place="$1" layers="$2" archives="$3"; shift 3
        mount --make-rprivate /
        # A mount of its own in any case: in a root that is none nobody could make a mount namespace.
        if [ -z "$layers" ]; then mount --bind "$place" "$place"; else
            mount -t overlay overlay -o "lowerdir=$layers,upperdir=$place.upper,workdir=$place.work" "$place"
        fi
        [ -z "$archives" ] || mount --bind "$archives" "$place/var/cache/apt/archives"
        mount -t proc proc "$place/proc"
        mount --rbind /dev "$place/dev"
        mount --rbind /sys "$place/sys"
        cmp -s /etc/resolv.conf "$place/etc/resolv.conf" || cp -L /etc/resolv.conf "$place/etc/resolv.conf" 2>/dev/null || true
        exec chroot "$place" /usr/bin/env -i "$@"' enter "$place" "${layers:-}" "${archives:-}" \
        PATH="/opt/indi/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" HOME=/root LANG=C.UTF-8 \
        TERM="${TERM:-dumb}" "${settings[@]}" bash -ec "$@"
}
