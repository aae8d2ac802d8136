/// The programs of the test: what runs as init in domain 0 and in the guests.
///
/// Both are scripts for a static busybox, so that nothing is compiled. They judge nothing: they report, and the host judges.
enum InitScripts {
    /// Changes when the scripts or the layout of the initramfs change, so that nothing older is reused.
    static let revision = 1

    /// The busybox applets the scripts call, as links in `/bin`.
    static let applets = [
        "base64", "cat", "dmesg", "grep", "gzip", "head", "insmod", "ls", "mkdir", "mknod", "mount", "poweroff", "sh",
        "sha256sum",
        "sleep", "stty", "sync", "tail", "timeout", "tr", "uname", "wc",
    ]

    /// Domain 0's init.
    ///
    /// It reads from `/dom0kit`: `token`, `programs` (shell assignments), `files` (what to look at), `modules`
    /// (in loading order), `guests`, `memory`, `patience`. It writes records (see ``ResultRecord``) to the second serial
    /// port, which nothing else uses; to the console, three times each, where the kernel cannot drive that port.
    static let dom0 = #"""
        #!/bin/sh
        # Domain 0's init for one boot test of dom0kit: reports over a channel of its own, then powers off.
        export PATH=/bin LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu
        mount -t devtmpfs dev /dev
        mkdir -p /dev/pts
        mount -t proc proc /proc
        mount -t sysfs sys /sys
        mount -t devpts devpts /dev/pts
        mount -t tmpfs tmpfs /run
        mkdir -p /run/xen /run/xenstored /run/lock /var/log/xen/console /var/lib/xen /var/lib/xenstored
        . /dom0kit/programs
        read -r TOKEN < /dom0kit/token
        SEQ=0
        COPIES="1 2 3"
        if stty -F /dev/ttyS1 115200 raw -echo -opost clocal -crtscts; then
            COPIES=1
            exec 8>/dev/ttyS1
        else
            echo "dom0kit: the kernel does not drive the second serial port; results go to the console"
            exec 8>/dev/console
        fi

        # emit KIND NAME < payload: one record, ended by the start of its SHA-256.
        emit() {
            P=$(base64 | tr -d '\n')
            L="@dom0kit $TOKEN $SEQ $1 $2 ${P:--}"
            H=$(printf '%s' "$L" | sha256sum)
            for C in $COPIES; do
                [ "$COPIES" = 1 ] || printf '\n' >&8
                printf '%s %.16s\n' "$L" "$H" >&8
            done
            SEQ=$((SEQ + 1))
        }
        # run NAME SECONDS COMMAND...: reports the exit status and all output; returns the exit status.
        run() {
            N=$1
            S=$2
            shift 2
            timeout "$S" "$@" > /run/out 2>&1 < /dev/null
            R=$?
            { echo "$R"; cat /run/out; } > /run/report
            emit output "$N" < /run/report
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
            done
        }
        finish() {
            dmesg > /run/dmesg
            grep -E 'BUG:|kernel BUG at|Oops|WARNING:|Call Trace|general protection' /run/dmesg | head -n 40 > /run/problems
            emit problems dom0 < /run/problems
            emit end dom0 < /dev/null
            sleep 1
            sync
            poweroff -f
            sleep 60
        }
        give_up() {
            emit failed "$1" < /dev/null
            finish
        }

        cat /proc/version /proc/cmdline > /run/out
        emit hello "$(uname -r)" < /run/out
        H=/sys/hypervisor
        while read -r F; do set -- "$@" "$F"; done < /dom0kit/files
        show $H/type $H/guest_type $H/uuid $H/version/major $H/version/minor $H/version/extra "$@" > /run/out
        emit files dom0 < /run/out
        dmesg | gzip > /run/out
        emit log dom0 < /run/out

        : > /run/out
        while read -r M; do insmod "/modules/$M.ko" >> /run/out 2>&1 || echo "insmod $M failed" >> /run/out; done < /dom0kit/modules
        [ -d /dev/xen ] || while read -r MINOR NAME; do
            case $NAME in xen/*) mkdir -p /dev/xen; mknod "/dev/$NAME" c 10 "$MINOR" ;; esac
        done < /proc/misc
        [ -e /proc/xen/capabilities ] || mount -t xenfs xenfs /proc/xen >> /run/out 2>&1
        show /proc/xen/capabilities >> /run/out
        emit control dom0 < /run/out
        grep -q control_d /proc/xen/capabilities || give_up control

        emit step xenstore < /dev/null
        run xenstored 30 $XENSTORED --pid-file /run/xenstored.pid || give_up xenstore
        I=0
        while [ ! -S /run/xenstored/socket ] && [ $I -lt 300 ]; do sleep 0.1; I=$((I + 1)); done
        run xen-init-dom0 60 $INIT_DOM0 || give_up xenstore
        read -r PROBE < /dom0kit/probe
        run xenstore-write 20 $XENSTORE_WRITE /tool/dom0kit "$PROBE" || give_up xenstore
        run xenstore-read 20 $XENSTORE_READ /tool/dom0kit /local/domain/0/name || give_up xenstore

        emit step toolstack < /dev/null
        run xenconsoled 30 $XENCONSOLED --log=guest --log-dir=/var/log/xen/console || give_up toolstack
        run xl-info 60 $XL info || give_up toolstack
        run xl-list 60 $XL list || give_up toolstack

        seconds() {
            read -r UP X < /proc/uptime
            echo "${UP%%.*}"
        }
        guest() {
            M=$1
            D=dom0kit-$M
            LOG=/var/log/xen/console/guest-$D.log
            emit step "guest-$M" < /dev/null
            cat /guest/base.cpio "/guest/$M.cpio" > /run/guest.cpio
            cat /dom0kit/guest.cfg > /run/guest.cfg
            printf 'name = "%s"\ntype = "%s"\n' "$D" "$M" >> /run/guest.cfg
            [ -f "/dom0kit/guest-$M.cfg" ] && cat "/dom0kit/guest-$M.cfg" >> /run/guest.cfg
            if ! run "create-$M" "$PATIENCE" $XL create -e /run/guest.cfg; then
                guest_console "$M"
                return 1
            fi
            ID=$($XL domid "$D")
            I=0
            SIZE=0
            STATE=
            END=$(($(seconds) + PATIENCE))
            while [ "$(seconds)" -lt $END ]; do
                # Cheap signs first: xl costs most of a second on an emulated machine.
                V=$($XENSTORE_READ "/local/domain/$ID/data/dom0kit" 2> /dev/null)
                NOW=$(wc -c < "$LOG" 2> /dev/null)
                if [ -n "$V" ] || [ "$NOW" = "$SIZE" ] || [ $((I % 20)) = 19 ]; then
                    $XL list -v "$D" > /run/state 2>&1
                    while read -r A B C E F X; do [ "$A" = "$D" ] && STATE=$F; done < /run/state
                    case $STATE in *s*|*c*|*d*) break ;; esac
                fi
                grep -q 'Kernel panic - not syncing' "$LOG" 2> /dev/null && break
                if [ "$NOW" != "$SIZE" ]; then
                    SIZE=$NOW
                    [ $((I % 10)) = 5 ] && emit tick "guest-$M" < /dev/null
                fi
                sleep 0.5
                I=$((I + 1))
            done
            # The last lines may still be on their way from the ring to the log.
            I=0
            while [ -n "$V" ] && [ $I -lt 50 ] && ! grep -q "dom0kit-guest ${V%% *}" "$LOG"; do sleep 0.1; I=$((I + 1)); done
            run "value-$M" 20 $XENSTORE_READ "/local/domain/$ID/data/dom0kit"
            run "state-$M" 60 $XL list -v "$D"
            guest_console "$M"
            run "destroy-$M" 60 $XL destroy "$D"
        }
        guest_console() {
            tail -c 24000 "/var/log/xen/console/guest-dom0kit-$1.log" > /run/out 2> /dev/null
            emit console "$1" < /run/out
            for F in /var/log/xen/qemu-dm-dom0kit-$1.log; do
                [ -f "$F" ] && tail -c 4000 "$F" > /run/out && emit devicemodel "$1" < /run/out
            done
        }
        read -r GUESTS < /dom0kit/guests
        read -r PATIENCE < /dom0kit/patience
        for G in $GUESTS; do guest "$G" || break; done
        finish

        """#

    /// A guest's init.
    ///
    /// It proves that it ran by a value derived from its token (`/dom0kit/token`) and from what it sees of Xen, written
    /// with one raw message to xenstore: `struct xsd_sockmsg` of `xen/io/xs_wire.h` with type `XS_WRITE` (11).
    static let guest = #"""
        #!/bin/sh
        # A guest's init for one boot test of dom0kit: says that it ran, then powers off.
        export PATH=/bin
        mount -t devtmpfs dev /dev
        mount -t proc proc /proc
        mount -t sysfs sys /sys
        read -r TOKEN < /dom0kit/token
        TYPE=-
        UUID=-
        read -r TYPE < /sys/hypervisor/guest_type
        read -r UUID < /sys/hypervisor/uuid
        FACTS="$TYPE $UUID $(uname -r)"
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
        printf "\\013$Z\\000$Z\\000$Z\\$(printf %03o $LENGTH)$Z%s\\000%s" "$KEY" "$VALUE" > $BUS
        sync
        poweroff -f
        sleep 60

        """#
}
