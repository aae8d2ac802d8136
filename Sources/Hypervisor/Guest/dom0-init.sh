#!/bin/sh
# Domain 0's init for one boot test of dom0kit: reports over a channel of its own, then powers off. It judges nothing:
# the host does.
#
# It runs under a static busybox, so that nothing is compiled. It reads from /dom0kit: token, probe, programs (shell
# assignments), files (what to look at), modules (in loading order), guests, checks, patience; and each guest's
# configuration and archive from /guest. It reports as ResultReader.swift says, on the second serial port, which nothing else uses; where
# the kernel cannot drive that port, on the console, three times each; where it may not control Xen or has no console
# either, it says in the kernel's log what Xen lets it do (LostChannel.swift) and ends. A process costs some tenths of a
# second on an emulated PV machine, so that it starts as few as it can.
export PATH=/bin LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run
# shellcheck source=/dev/null  # written with the test host by HostInitramfs
. /dom0kit/programs
read -r TOKEN < /dom0kit/token
read -r GUESTS < /dom0kit/guests
# For the kernel's log, which is seen even where this domain is given no console.
lost() { printf '<2>!%s lost %s\n' "$TOKEN" "$CAPABILITIES" > /dev/kmsg; }
SEQ=0
OUT=/run/segment
: > $OUT
SERIAL=1
if stty -F /dev/ttyS1 115200 raw -echo -opost clocal -crtscts; then
    exec 8>/dev/ttyS1
else
    echo "dom0kit: the kernel does not drive the second serial port; results go to the console"
    SERIAL=
    # A domain without control of Xen has neither: what it can still say goes to the kernel's log.
    if ! (: > /dev/console); then
        [ -e /proc/xen/capabilities ] || mount -t xenfs xenfs /proc/xen
        CAPABILITIES=
        read -r CAPABILITIES < /proc/xen/capabilities
        lost
        sleep 1
        poweroff -f
        sleep 60
    fi
    exec 8>/dev/console
fi

# Records are gathered in $OUT between begin and end; check sends them with their SHA-256.
begin() { printf '@%s %s %s\n' "$TOKEN" "$1" "$2" >> $OUT; }
end() { printf '\n.%s\n' "$TOKEN" >> $OUT; }
check() {
    H=$(sha256sum < $OUT)
    if [ -n "$SERIAL" ]; then
        cat $OUT >&8
        printf '=%s %s %s\n' "$TOKEN" "$SEQ" "${H%% *}" >&8
    else
        P=$(base64 $OUT | tr -d '\n')
        for _ in 1 2 3; do printf '\n#%s %s %s %s\n' "$TOKEN" "$SEQ" "${H%% *}" "$P" >&8; done
    fi
    SEQ=$((SEQ + 1))
    : > $OUT
}
# say STAGE: a stage begins, or still goes on.
say() { [ -z "$SERIAL" ] || printf '~%s %s\n' "$TOKEN" "$1" >&8; }
# now: the seconds since the start, in NOW.
now() {
    read -r NOW X < /proc/uptime
    NOW=${NOW%%.*}
}
# beat: says that time is passing, at most once a second: on an emulated machine that can be half a minute.
BEAT=0
STAGE=
beat() {
    now
    [ "$NOW" -ge "$BEAT" ] || return 0
    BEAT=$((NOW + 1))
    say "$STAGE"
}
# run NAME COMMAND...: records all output and the exit status; returns the exit status.
run() {
    begin output "$1"
    shift
    "$@" >> $OUT 2>&1 < /dev/null
    R=$?
    printf '\nstatus %s' $R >> $OUT
    end
    return $R
}
# long FILE COMMAND...: runs what may take long, with all output in a file; says meanwhile that time is passing.
long() {
    F=$1
    shift
    "$@" > "$F" 2>&1 < /dev/null &
    P=$!
    while kill -0 $P 2> /dev/null; do
        sleep 0.3
        beat
    done
    wait $P
}
# start NAME COMMAND...: the same for a program that goes on in the background.
start() {
    N=$1
    shift
    "$@" > "/run/$N.log" 2>&1 < /dev/null
    R=$?
    begin output "$N"
    [ $R = 0 ] || cat "/run/$N.log" >> $OUT
    printf '\nstatus %s' $R >> $OUT
    end
    return $R
}
# show FILE...: whether each is there, and its lines.
show() {
    for F in "$@"; do
        if [ -r "$F" ] && [ ! -d "$F" ]; then
            printf '+%s\n' "$F"
            while IFS= read -r X || [ -n "$X" ]; do printf ' %s\n' "$X"; done < "$F"
        else
            printf -- '-%s\n' "$F"
        fi
    done >> $OUT
}
finish() {
    # What the kernel holds against itself, as bits: kernel/panic.c; no text can reach it.
    read -r TAINT < /proc/sys/kernel/tainted
    begin taint dom0
    printf '%s' "$TAINT" >> $OUT
    end
    begin problems dom0
    dmesg > /run/dmesg
    grep -E 'BUG:|kernel BUG at|Oops|WARNING:|Call Trace|general protection' /run/dmesg >> $OUT
    end
    begin end dom0
    end
    check
    sleep 1
    poweroff -f
    sleep 60
}
give_up() {
    begin failed "$1"
    end
    finish
}

read -r RELEASE < /proc/sys/kernel/osrelease
begin hello "$RELEASE"
show /proc/version /proc/cmdline
end
begin files dom0
H=/sys/hypervisor
while read -r F; do set -- "$@" "$F"; done < /dom0kit/files
show $H/type $H/guest_type $H/uuid $H/version/major $H/version/minor $H/version/extra "$@"
end
begin log dom0
dmesg >> $OUT
end
check

STAGE=control
say control
mkdir -p /dev/pts /run/xen /run/xenstored /run/lock
mount -t devpts devpts /dev/pts
begin control dom0
while read -r M; do insmod "/modules/$M.ko" >> $OUT 2>&1 || echo "insmod $M failed" >> $OUT; done < /dom0kit/modules
[ -d /dev/xen ] || while read -r MINOR NAME; do
    # Before 2.6.33 the event channels' name says nothing of Xen.
    case $NAME in evtchn) NAME=xen/evtchn ;; esac
    case $NAME in xen/*) mkdir -p /dev/xen; mknod "/dev/$NAME" c 10 "$MINOR" ;; esac
done < /proc/misc
# The gntdev of Xen's own kernels has a number of its own.
if [ ! -e /dev/xen/gntdev ] && IFS=: read -r MAJOR MINOR < /sys/class/xen/gntdev/dev; then
    mkdir -p /dev/xen
    mknod /dev/xen/gntdev c "$MAJOR" "$MINOR"
fi 2> /dev/null
[ -e /proc/xen/capabilities ] || mount -t xenfs xenfs /proc/xen >> $OUT 2>&1
show /proc/xen/capabilities
for F in privcmd evtchn gntdev xenbus; do
    # Kernels before 2.6.37 have the files of xenfs in the place of the nodes.
    if [ -c /dev/xen/$F ] || [ -e /proc/xen/$F ]; then echo "+$F"; else echo "-$F"; fi
done >> $OUT
end
CAPABILITIES=
read -r CAPABILITIES < /proc/xen/capabilities
case $CAPABILITIES in
    *control_d*) ;;
    *)
        [ -n "$SERIAL" ] || lost
        give_up control
        ;;
esac
check

STAGE=xenstore
say xenstore
start xenstored "$XENSTORED" --pid-file /run/xenstored.pid || give_up xenstore
I=0
while [ ! -S /run/xenstored/socket ] && [ $I -lt 300 ]; do sleep 0.1; I=$((I + 1)); done
run xen-init-dom0 "$INIT_DOM0" || give_up xenstore
read -r PROBE < /dom0kit/probe
run xenstore-write "$XENSTORE_WRITE" /tool/dom0kit "$PROBE" || give_up xenstore
run xenstore-read "$XENSTORE_READ" /tool/dom0kit /local/domain/0/name || give_up xenstore
check

STAGE=toolstack
say toolstack
start xenconsoled "$XENCONSOLED" --log=guest --log-dir=/var/log/xen/console || give_up toolstack
run xl-info "$XL" info || give_up toolstack
run xl-list "$XL" list || give_up toolstack
check

# What serves guests: the drivers of the back-ends, and a disk to serve.
STAGE=backends
say backends
begin backends dom0
for F in vbd vif; do
    if [ -d /sys/bus/xen-backend/drivers/$F ]; then echo "+$F"; else echo "-$F"; fi
done >> $OUT
# disk NUMBER: a block device of its own over a file of random bytes, for a guest.
disk() {
    dd if=/dev/urandom "of=/run/disk$1" bs=64k count=64 2> /dev/null
    [ -b "/dev/loop$1" ] || mknod "/dev/loop$1" b 7 "$1"
    losetup "/dev/loop$1" "/run/disk$1" >> $OUT 2>&1
}
DISK=
disk 0 && disk 1 && DISK=1
if [ -n "$DISK" ]; then echo +loop; else echo -loop; fi >> $OUT
TAP=
[ -c /dev/net/tun ] && TAP=1
if [ -n "$TAP" ]; then echo +tun; else echo -tun; fi >> $OUT
end
check

# shellcheck source=/dev/null  # dom0-guests.sh
. /dom0kit/guests.sh
for G in $GUESTS; do guest "$G" || break; done
finish
