#!/bin/sh
# A guest's init for one boot test of dom0kit: says that it runs, and does what it is asked to. It runs under a static
# busybox.
#
# It is asked by lines on its console: `NUMBER WORDS`. It answers in xenstore, under data/dom0kit-NUMBER, with
# `HASH TEXT`, HASH being the SHA-256 of `TOKEN NUMBER TEXT`: only who has the token (/dom0kit/token) can answer. A key is
# written with one raw message to xenstore: struct xsd_sockmsg of xen/io/xs_wire.h with type XS_WRITE (11).
#
# As /sbin/poweroff it is what the kernel runs when the toolstack asks for a shutdown.
export PATH=/bin
read -r TOKEN < /dom0kit/token
# bus: the file through which xenstore is spoken to, in BUS.
bus() {
    BUS=/dev/xen/xenbus
    [ -e $BUS ] || BUS=/proc/xen/xenbus
}
# hashed NUMBER TEXT: what proves that the text comes from here, in HASH.
hashed() {
    HASH=$(printf '%s' "$TOKEN $1 $2" | sha256sum)
    HASH=${HASH%% *}
}
# octal BYTE: as printf takes it, in OCTAL.
octal() { OCTAL=$(($1 / 64))$(($1 / 8 % 8))$(($1 % 8)); }
# store NUMBER TEXT: an answer.
store() {
    hashed "$1" "$2"
    KEY=data/dom0kit-$1
    VALUE="$HASH $2"
    LENGTH=$((${#KEY} + 1 + ${#VALUE}))
    Z='\000\000\000'
    # Four little-endian numbers of 32 bits: the type, the request, no transaction, the length.
    octal $((LENGTH % 256))
    LOW=$OCTAL
    octal $((LENGTH / 256))
    # shellcheck disable=SC2059  # the format holds the message's header
    printf "\\013$Z\\000$Z\\000$Z\\$LOW\\$OCTAL\\000\\000%s\\000%s" "$KEY" "$VALUE" > $BUS
}
# driver FILE: the name of the driver of a device in sysfs, in DRIVER.
driver() {
    DRIVER=$(readlink "$1/device/driver")
    DRIVER=${DRIVER##*/}
}
sum() {
    SUM=$(sha256sum)
    SUM=${SUM%% *}
}
# find_disk NAME: waits for a disk; `emulated` is any whose driver is that of SCSI disks. In DEVICE and DRIVER.
find_disk() {
    I=0
    while [ $I -lt 50 ]; do
        for F in /sys/block/*; do
            DEVICE=${F##*/}
            driver "$F"
            case $1:$DEVICE:$DRIVER in emulated:*:sd | "$1:$1:"*) return 0 ;; esac
        done
        sleep 0.2
        I=$((I + 1))
    done
    return 1
}
use_disk() {
    if ! find_disk "$1"; then
        store "$N" "disk none"
        return
    fi
    # All of it is read, its second half written; both again without what the kernel still has in memory.
    dd "if=/dev/$DEVICE" bs=64k > /tmp/disk 2> /tmp/error
    sum < /tmp/disk
    READ=$SUM
    dd if=/dev/urandom "of=/dev/$DEVICE" bs=64k seek=32 count=32 conv=fsync 2>> /tmp/error
    sync
    echo 3 > /proc/sys/vm/drop_caches
    dd "if=/dev/$DEVICE" bs=64k > /tmp/disk 2>> /tmp/error
    sum < /tmp/disk
    rm /tmp/disk
    store "$N" "disk device=$DEVICE driver=$DRIVER read=$READ wrote=$SUM"
}
# find_network KIND: `vif` is that of the paravirtual driver, `emulated` any other of a device. In DEVICE and DRIVER.
find_network() {
    I=0
    while [ $I -lt 50 ]; do
        for F in /sys/class/net/*; do
            [ -e "$F/device" ] || continue
            DEVICE=${F##*/}
            driver "$F"
            case $1:$DRIVER in
                vif:vif) return 0 ;;
                emulated:vif | *:) ;;
                emulated:*) return 0 ;;
            esac
        done
        sleep 0.2
        I=$((I + 1))
    done
    return 1
}
# connect PEER PORT: nc, once somebody listens.
connect() {
    I=0
    until nc -w 30 "$1" "$2" 2>> /tmp/error; do
        [ $I -lt 20 ] || return 1
        sleep 0.2
        I=$((I + 1))
    done
}
# use_network KIND ADDRESS PEER BLOCKS
use_network() {
    if ! find_network "$1"; then
        store "$N" "network none"
        return
    fi
    ifconfig "$DEVICE" "$2" netmask 255.255.255.0 up > /tmp/error 2>&1
    [ -p /tmp/never ] || mkfifo /tmp/never
    exec 6<> /tmp/never
    connect "$3" 7001 <&6 > /tmp/received
    exec 6<&-
    sum < /tmp/received
    RECEIVED=$SUM
    dd if=/dev/urandom of=/tmp/sent bs=64k "count=$4" 2> /dev/null
    sum < /tmp/sent
    connect "$3" 7002 < /tmp/sent > /dev/null
    rm /tmp/sent /tmp/received
    store "$N" "network device=$DEVICE driver=$DRIVER received=$RECEIVED sent=$SUM"
}
tell_memory() {
    TOTAL=
    while read -r K V _; do case $K in MemTotal:) TOTAL=$V ;; esac; done < /proc/meminfo
    BALLOON=
    read -r BALLOON < /sys/devices/system/xen_memory/xen_memory0/info/current_kb
    store "$N" "memory total=$TOTAL${BALLOON:+ balloon=$BALLOON}"
}
# off WHY: says that it ends, and with which faults (/proc/sys/kernel/tainted), and switches off.
off() {
    read -r TAINT < /proc/sys/kernel/tainted
    store off "$1 taint=$TAINT"
    poweroff -f
}

case $0 in
    */poweroff)
        bus
        off shutdown
        ;;
esac

mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
# The modules that make its disk, network and xenstore, in loading order; none where they are built in.
while read -r M; do insmod "/modules/$M.ko"; done < /dom0kit/modules
[ -e /dev/xen/xenbus ] || while read -r MINOR NAME; do
    case $NAME in xen/xenbus) mkdir -p /dev/xen; mknod "/dev/$NAME" c 10 "$MINOR" ;; esac
done < /proc/misc
[ -e /dev/xen/xenbus ] || mount -t xenfs xenfs /proc/xen
bus

TYPE=-
UUID=-
read -r TYPE < /sys/hypervisor/guest_type
# Kernels before 4.13 do not say.
[ "$TYPE" != - ] || ! /bin/is-pv || TYPE=PV
read -r UUID < /sys/hypervisor/uuid
read -r RELEASE < /proc/sys/kernel/osrelease
FACTS="$TYPE $UUID $RELEASE"
stty -echo
hashed init "$FACTS"
echo "dom0kit-guest $HASH $FACTS"
store init "$FACTS"
while read -r N WHAT ARGUMENTS; do
    # shellcheck disable=SC2086  # words
    case $WHAT in
        echo) store "$N" "echo $ARGUMENTS" ;;
        disk) use_disk $ARGUMENTS ;;
        network) use_network $ARGUMENTS ;;
        memory) tell_memory ;;
        off) off asked ;;
    esac
done
# A console that ends is no reason to panic.
while :; do sleep 60; done
