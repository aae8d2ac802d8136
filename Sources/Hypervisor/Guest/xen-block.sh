#!/bin/sh
# Domain 0's hotplug script for disks: tells blkback which block device to serve.
#
# libxl runs it as `block add|remove` with XENBUS_PATH, the back-end's folder in xenstore. The keys are those of
# docs/misc/block-scripts.txt of Xen.
export PATH=/bin LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu
# shellcheck source=/dev/null  # written with the test host by HostInitramfs
. /dom0kit/programs
[ "$1" = add ] || exit 0
NODE=$("$XENSTORE_READ" "$XENBUS_PATH/params")
if [ ! -b "$NODE" ]; then
    "$XENSTORE_WRITE" "$XENBUS_PATH/hotplug-error" "$NODE is no block device" "$XENBUS_PATH/hotplug-status" error
    exit 1
fi
NUMBERS=$(stat -c '%t:%T' "$NODE")
"$XENSTORE_WRITE" "$XENBUS_PATH/physical-device" "$NUMBERS" "$XENBUS_PATH/physical-device-path" "$NODE" \
    "$XENBUS_PATH/hotplug-status" connected
