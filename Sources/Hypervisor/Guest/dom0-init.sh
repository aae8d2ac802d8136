#!/bin/sh
# Domain 0's init for one boot test of dom0kit: reports over a channel of its own, then powers off. It judges nothing:
# the host does.
#
# It runs under a static busybox, so that nothing is compiled. It reads from /dom0kit: token, probe, programs (shell
# assignments), files (what to look at), modules (in loading order), guests, patience; and each guest's configuration and
# archive from /guest. It reports as ResultReader.swift says, on the second serial port, which nothing else uses; where
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
read -r PATIENCE < /dom0kit/patience
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

say control
mkdir -p /dev/pts /run/xen /run/xenstored /run/lock
mount -t devpts devpts /dev/pts
begin control dom0
while read -r M; do insmod "/modules/$M.ko" >> $OUT 2>&1 || echo "insmod $M failed" >> $OUT; done < /dom0kit/modules
[ -d /dev/xen ] || while read -r MINOR NAME; do
    case $NAME in xen/*) mkdir -p /dev/xen; mknod "/dev/$NAME" c 10 "$MINOR" ;; esac
done < /proc/misc
[ -e /proc/xen/capabilities ] || mount -t xenfs xenfs /proc/xen >> $OUT 2>&1
show /proc/xen/capabilities
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

say xenstore
start xenstored "$XENSTORED" --pid-file /run/xenstored.pid || give_up xenstore
I=0
while [ ! -S /run/xenstored/socket ] && [ $I -lt 300 ]; do sleep 0.1; I=$((I + 1)); done
run xen-init-dom0 "$INIT_DOM0" || give_up xenstore
read -r PROBE < /dom0kit/probe
run xenstore-write "$XENSTORE_WRITE" /tool/dom0kit "$PROBE" || give_up xenstore
run xenstore-read "$XENSTORE_READ" /tool/dom0kit /local/domain/0/name || give_up xenstore

say toolstack
start xenconsoled "$XENCONSOLED" --log=guest --log-dir=/var/log/xen/console || give_up toolstack
run xl-info "$XL" info || give_up toolstack
run xl-list "$XL" list || give_up toolstack
check

now() {
    read -r NOW X < /proc/uptime
    NOW=${NOW%%.*}
}
guest() {
    M=$1
    D=dom0kit-$M
    LOG=/var/log/xen/console/guest-$D.log
    say "guest-$M"
    cat /guest/base.cpio "/guest/$M.cpio" > /run/guest.cpio
    if ! run "create-$M" "$XL" create -e "/guest/$M.cfg"; then
        guest_console
        check
        return 1
    fi
    ID=
    STATE=
    SAID=
    PART=
    COUNT=0
    OPEN=
    now
    END=$((NOW + PATIENCE))
    NEXT=$((NOW + 20))
    while :; do
        if [ -z "$OPEN" ] && [ -e "$LOG" ]; then
            exec 7< "$LOG"
            OPEN=1
        fi
        if [ -n "$OPEN" ]; then
            while read -r X <&7; do
                case $PART$X in
                    *dom0kit-guest*) SAID=init ;;
                    *"Kernel panic - not syncing"*) SAID=panic ;;
                esac
                PART=
                COUNT=$((COUNT + 1))
                [ $((COUNT % 50)) = 0 ] && say "guest-$M"
            done
            PART=$PART$X
        fi
        now
        # xl costs most of a second on an emulated machine: it is asked when there is something to see.
        if [ -n "$SAID" ] || [ "$NOW" -ge $NEXT ] || [ "$NOW" -ge $END ]; then
            "$XL" list -v "$D" > /run/state 2>&1 < /dev/null
            while read -r A B _ _ F _; do
                if [ "$A" = "$D" ]; then
                    ID=$B
                    STATE=$F
                fi
            done < /run/state
            NEXT=$((NOW + 20))
        fi
        case $STATE in *s*|*c*|*d*) break ;; esac
        [ "$SAID" = panic ] && break
        [ "$NOW" -ge $END ] && break
        sleep 0.5
    done
    [ -z "$OPEN" ] || exec 7<&-
    run "value-$M" "$XENSTORE_READ" "/local/domain/$ID/data/dom0kit"
    run "state-$M" cat /run/state
    guest_console
    check
}
guest_console() {
    for F in /var/log/xen/qemu-dm-$D.log; do
        [ -f "$F" ] || continue
        begin devicemodel "$M"
        tail -c 4000 "$F" >> $OUT
        end
    done
    begin console "$M"
    [ ! -f "$LOG" ] || tail -c 32000 "$LOG" >> $OUT
    end
}
LAST=
for G in $GUESTS; do
    [ -z "$LAST" ] || "$XL" destroy "dom0kit-$LAST" > /dev/null 2>&1
    guest "$G" || break
    LAST=$G
done
finish
