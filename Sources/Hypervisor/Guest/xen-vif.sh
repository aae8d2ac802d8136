#!/bin/sh
# Domain 0's hotplug script for networks: brings the other end of a guest's interface up. Addresses are given to it when a
# check needs them.
#
# libxl runs it as `vif online|offline` for netback's interface ($vif) and as `vif add|remove` for the tap device of an
# emulated card, with XENBUS_PATH, the back-end's folder in xenstore.
export PATH=/bin LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu
# shellcheck source=/dev/null  # written with the test host by HostInitramfs
. /dom0kit/programs
case $1 in
    online)
        # libxl hands the interface's name over under this name.
        # shellcheck disable=SC2154
        ifconfig "$vif" up
        "$XENSTORE_WRITE" "$XENBUS_PATH/hotplug-status" connected
        ;;
esac
exit 0
