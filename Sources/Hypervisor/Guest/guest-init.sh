#!/bin/sh
# A guest's init for one boot test of dom0kit: says that it ran, then powers off. It runs under a static busybox.
#
# It proves that it ran by a value derived from its token (/dom0kit/token) and from what it sees of Xen, written with one
# raw message to xenstore: struct xsd_sockmsg of xen/io/xs_wire.h with type XS_WRITE (11).
export PATH=/bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
read -r TOKEN < /dom0kit/token
TYPE=-
UUID=-
read -r TYPE < /sys/hypervisor/guest_type
read -r UUID < /sys/hypervisor/uuid
read -r RELEASE < /proc/sys/kernel/osrelease
FACTS="$TYPE $UUID $RELEASE"
HASH=$(printf '%s' "$TOKEN $FACTS" | sha256sum)
VALUE="${HASH%% *} $FACTS"
echo "dom0kit-guest $VALUE"
[ -e /dev/xen/xenbus ] || while read -r MINOR NAME; do
    case $NAME in xen/xenbus) mkdir -p /dev/xen; mknod "/dev/$NAME" c 10 "$MINOR" ;; esac
done < /proc/misc
BUS=/dev/xen/xenbus
if [ ! -e $BUS ]; then
    mount -t xenfs xenfs /proc/xen
    BUS=/proc/xen/xenbus
fi
KEY=data/dom0kit
LENGTH=$((${#KEY} + 1 + ${#VALUE}))
Z='\000\000\000'
OCTAL=$((LENGTH / 64))$((LENGTH / 8 % 8))$((LENGTH % 8))
printf "\\013$Z\\000$Z\\000$Z\\$OCTAL$Z%s\\000%s" "$KEY" "$VALUE" > $BUS
poweroff -f
sleep 60
