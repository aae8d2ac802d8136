#!/bin/sh
# What programs of today do first of all, and what a kernel of another age may lack for it: domain 0's small init runs this
# under a static busybox. Each line has the boot's secret, so that only what really ran can have said it.
export PATH=/bin LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu
read -r PROBE < /dom0kit/probe
# shellcheck source=/dev/null  # written with the test host by SmallHost
. /dom0kit/programs
# A statically linked program (AT_RANDOM), which makes a pipe (pipe2).
echo "$PROBE" | cat > /run/piped
read -r SAID < /run/piped
echo "static $SAID"
# A shell moves its own descriptor out of a redirection's way (F_DUPFD_CLOEXEC).
{ echo "moved $PROBE" >&3; } 3>&1 > /dev/null
# A dynamically linked program: its loader looks at what it has opened (AT_EMPTY_PATH). It asks the kernel's xenbus.
SAID=$("$XENSTORE_READ" /tool/dom0kit)
echo "dynamic $SAID"
