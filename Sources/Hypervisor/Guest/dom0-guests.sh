#!/bin/sh
# What domain 0's init (dom0-init.sh, which reads this) does with guests: creates them, asks them to use their disk, network
# and console, pauses, balloons, saves, restores, shuts down and starts again. It judges nothing; each check's record has
# what both sides saw, and what cannot be done is said with `skip`.
#
# shellcheck disable=SC2154  # what dom0-init.sh has set
read -r CHECKS < /dom0kit/checks
read -r PATIENCE < /dom0kit/patience
read -r ARGUMENTS < /dom0kit/arguments
# wanted CHECK: whether it was asked for.
wanted() { case " $CHECKS " in *" $1 "*) true ;; *) false ;; esac; }
# fact KEY WORDS...: a line of a check's record.
fact() { printf '%s\n' "$*" >> "$OUT"; }
# digest FILE: its SHA-256, in H.
digest() {
    H=$(sha256sum "$1")
    H=${H%% *}
}
# state: what xl says of the guest: /run/state, ID, STATE (letters), MEM (MiB).
state() {
    "$XL" list -v "$D" > /run/state 2>&1 < /dev/null
    ID=
    STATE=
    MEM=
    while read -r A B C _ F _; do
        if [ "$A" = "$D" ]; then
            ID=$B
            MEM=$C
            STATE=$F
        fi
    done < /run/state
}
# terminal: the guest's console, to be written to: TERMINAL.
terminal() {
    TERMINAL=$("$XENSTORE_READ" "/local/domain/$ID/console/tty" 2> /run/error < /dev/null)
}
# answer NUMBER SECONDS: waits for a guest's answer: /run/answer.
answer() {
    now
    LIMIT=$((NOW + $2))
    until "$XENSTORE_READ" "/local/domain/$ID/data/dom0kit-$1" > /run/answer 2> /dev/null < /dev/null; do
        beat
        if [ "$NOW" -ge $LIMIT ]; then
            echo - > /run/answer
            return 1
        fi
        sleep 0.2
    done
}
# put WORDS...: hands the guest a line on its console.
NUMBER=0
put() {
    NUMBER=$((NUMBER + 1))
    printf '%s %s\n' $NUMBER "$*" > "$TERMINAL" 2>> /run/error
}
# heard WORDS...: records what the guest answers to the last line, which these words were; false where nothing comes.
heard() {
    answer $NUMBER 90
    R=$?
    read -r X < /run/answer
    fact "ask $NUMBER $*"
    fact "answer $X"
    return $R
}
ask() {
    put "$@"
    heard "$@"
}

# settings WORDS: the guest's configuration with more words for its kernel, and the disks and networks that this dom0 can serve: /run/guest.cfg.
settings() {
    cp "/guest/$M.cfg" /run/guest.cfg
    printf 'extra = "%s %s"\n' "$ARGUMENTS" "$1" >> /run/guest.cfg
    DISKS=
    NETS=
    if wanted disk && [ -n "$DISK" ]; then
        if [ "$M" = hvm ]; then
            # Of an HVM guest's disks the first four are emulated too.
            DISKS="\"format=raw,vdev=hda,access=rw,target=/dev/loop1\", \"format=raw,vdev=xvde,access=rw,target=/dev/loop0\""
        else
            DISKS="\"format=raw,vdev=xvda,access=rw,target=/dev/loop0\""
        fi
    fi
    if wanted network; then
        NETS="\"type=vif,mac=00:16:3e:00:00:01,script=/etc/xen/scripts/vif\""
        [ "$M" != hvm ] || [ -z "$TAP" ] ||
            NETS="$NETS, \"type=ioemu,model=rtl8139,mac=00:16:3e:00:00:02,script=/etc/xen/scripts/vif\""
        [ "$M" = hvm ] || NETS="\"mac=00:16:3e:00:00:01,script=/etc/xen/scripts/vif\""
    fi
    printf 'disk = [ %s ]\nvif = [ %s ]\n' "$DISKS" "$NETS" >> /run/guest.cfg
}
# create NAME: makes the guest; false where that fails.
create() {
    long /run/created "$XL" create -e /run/guest.cfg
    R=$?
    begin output "create-$1"
    cat /run/created >> "$OUT"
    printf '\nstatus %s' $R >> "$OUT"
    end
    LOG=/var/log/xen/console/guest-$D.log
    SAID=
    PART=
    COUNT=0
    OPEN=
    STATE=
    now
    CREATED=$NOW
    return $R
}
# await SECONDS: waits until the guest has said that it runs (SAID) or has ended, so many seconds since it was made at most.
await() {
    now
    END=$((CREATED + $1))
    NEXT=$((NOW + 20))
    while :; do
        if [ -z "$OPEN" ] && [ -e "$LOG" ]; then
            exec 7< "$LOG"
            OPEN=1
        fi
        if [ -n "$OPEN" ]; then
            while read -r X <&7; do
                case $PART$X in *dom0kit-guest*) SAID=init ;; esac
                PART=
                COUNT=$((COUNT + 1))
                [ $((COUNT % 50)) = 0 ] && beat
            done
            PART=$PART$X
        fi
        beat
        # xl costs most of a second on an emulated machine: it is asked when there is something to see.
        if [ -n "$SAID" ] || [ "$NOW" -ge $NEXT ] || [ "$NOW" -ge $END ]; then
            state
            NEXT=$((NOW + 20))
        fi
        case $STATE in *s* | *c* | *d*) break ;; esac
        [ -n "$SAID" ] && break
        [ "$NOW" -ge $END ] && break
        sleep 0.3
    done
    [ -n "$ID" ] || state
}
# early: what the guest's firmware and its kernel said where Xen keeps it: /run/early; false where no kernel did.
early() {
    "$XL" dmesg > /run/all 2>&1 < /dev/null
    grep "(d$ID) " /run/all > /run/early
    grep -q "(d$ID) \[ *[0-9]*\.[0-9]*\]" /run/early
}
# registers: where the guest's processor stands, if it runs: Xen says it for what its own processors are at. Some times, since
# the guest may not be at one just then.
registers() {
    begin registers "$M"
    for _ in 1 2 3; do
        "$XL" debug-keys d < /dev/null > /run/keys 2>&1 || break
        sleep 1
        "$XL" dmesg < /dev/null 2> /run/keys | grep -A 24 "guest state (d${ID}v" | tail -n 25 > /run/all
        grep -E '\(XEN\) +(\*\*\*|RIP|RFLAGS|rax|rbx|rsi|rbp|r9|r12|r15|cr3|fsb|ds)' /run/all >> "$OUT" && break
    done
    end
}
# launch NAME: makes the guest and waits until it has said that it runs: false where it cannot be made.
#
# An HVM guest begins with firmware. One whose kernel has not said a word after so many seconds is not waited for.
STILL=90
launch() {
    create "$1" || return 1
    if [ "$M" = hvm ] && [ "$PATIENCE" -gt $STILL ]; then
        await $STILL
        case $SAID$STATE in
            init* | *s* | *c* | *d*) ;;
            *) if [ "$COUNT" -gt 0 ] || early; then await "$PATIENCE"; fi ;;
        esac
    else
        await "$PATIENCE"
    fi
    [ -z "$OPEN" ] || exec 7<&-
    if [ -z "$SAID" ]; then
        early
        begin early "$M"
        tail -n 30 /run/early >> "$OUT"
        end
        registers
    fi
    # The guest's word in xenstore comes a moment after that on its console.
    answer init 10
    begin output "value-$1"
    cat /run/answer >> "$OUT"
    printf '\nstatus 0' >> "$OUT"
    end
    run "state-$1" cat /run/state
    [ "$SAID" = init ] && terminal
}
# console NAME: what the guest and its device model said.
console() {
    for F in /var/log/xen/qemu-dm-$D.log; do
        [ -f "$F" ] || continue
        begin devicemodel "$M"
        tail -c 4000 "$F" >> "$OUT"
        end
    done
    begin "$1" "$M"
    [ ! -f "$LOG" ] || tail -c 32000 "$LOG" >> "$OUT"
    end
}
# Each check's record is judged by the host; what one cannot do it says with 'skip'.
check_console() {
    ask echo "$PROBE"
}
# use_disk DEVICE NUMBER: the guest reads and writes a disk that dom0 serves from /run/diskNUMBER.
use_disk() {
    digest "/run/disk$2"
    fact "before $H"
    ask disk "$1"
    R=$?
    sync
    digest "/run/disk$2"
    fact "after $H"
    return $R
}
# use_network KIND INTERFACE NUMBER BLOCKS: so many blocks of 64 KiB from dom0 to the guest and as many back, over the
# guest's NUMBERth network.
use_network() {
    A=10.$((ID % 250)).$3
    dd if=/dev/urandom of=/run/sent bs=64k "count=$4" 2> /dev/null
    digest /run/sent
    fact "size $(($4 * 64))"
    fact "sent $H"
    if ! ifconfig "$2" "$A.1" netmask 255.255.255.0 up >> /run/error 2>&1; then
        fact "failed to configure $2: $(tail -n 1 /run/error)"
        return 1
    fi
    # nc ends as soon as its input does, so that the listener's never ends.
    [ -p /run/never ] || mkfifo /run/never
    exec 6<> /run/never
    nc -l -p 7001 < /run/sent > /dev/null 2>> /run/error &
    P1=$!
    nc -l -p 7002 <&6 > /run/got 2>> /run/error &
    P2=$!
    ask network "$1" "$A.2" "$A.1" "$4"
    R=$?
    sleep 0.3
    kill $P1 $P2 2> /dev/null
    exec 6<&-
    digest /run/got
    fact "got $H"
    return $R
}
check_disk() {
    if [ -z "$DISK" ]; then
        fact "skip domain 0 has no loop device to serve a disk from"
        return
    fi
    case $M in hvm) use_disk xvde 0 ;; *) use_disk xvda 0 ;; esac
}
check_network() { use_network vif "vif$ID.0" 0 64; }
check_disk_emulated() {
    if [ -z "$DISK" ]; then
        fact "skip domain 0 has no loop device to serve a disk from"
        return
    fi
    use_disk emulated 1
}
check_network_emulated() {
    if [ -z "$TAP" ]; then
        fact "skip domain 0 has no tap devices (CONFIG_TUN), which an emulated network card needs"
        return
    fi
    # Each packet is some ten traps into the device model: a few hundred have to do.
    use_network emulated "vif$ID.1-emu" 1 4
}
check_pause() {
    "$XL" pause "$D" >> /run/error 2>&1 < /dev/null
    fact "pause $?"
    state
    fact "paused $STATE"
    put echo paused
    sleep 2
    if "$XENSTORE_READ" "/local/domain/$ID/data/dom0kit-$NUMBER" > /dev/null 2>&1 < /dev/null; then
        fact "early $NUMBER"
    fi
    "$XL" unpause "$D" >> /run/error 2>&1 < /dev/null
    fact "unpause $?"
    heard echo paused
}
# settle MIB: waits until the guest has about that much memory.
settle() {
    now
    LIMIT=$((NOW + 30))
    while :; do
        state
        [ "$MEM" -ge $(($1 - 4)) ] && [ "$MEM" -le $(($1 + 4)) ] && break
        beat
        [ "$NOW" -ge $LIMIT ] && break
        sleep 0.2
    done
}
check_balloon() {
    ask memory || return
    read -r X < /run/answer
    case $X in
        *" balloon="*) ;;
        *)
            fact "skip the guest's kernel has no balloon driver (CONFIG_XEN_BALLOON)"
            return
            ;;
    esac
    state
    FULL=$MEM
    fact "memory $FULL"
    "$XL" mem-set "$D" $((FULL - 48)) >> /run/error 2>&1 < /dev/null
    fact "mem-set $?"
    settle $((FULL - 48))
    fact "memory $MEM"
    ask memory
    "$XL" mem-set "$D" "$FULL" >> /run/error 2>&1 < /dev/null
    fact "mem-set $?"
    settle "$FULL"
    fact "memory $MEM"
    ask memory
}
check_save() {
    X=
    "$XENSTORE_READ" "/local/domain/$ID/control/feature-suspend" > /run/answer 2> /dev/null < /dev/null && read -r X < /run/answer
    if [ "$X" != 1 ]; then
        fact "skip the guest's kernel does not offer to be suspended (control/feature-suspend)"
        return
    fi
    long /run/saved "$XL" save "$D" /run/save
    R=$?
    fact "save $R"
    if [ $R = 0 ]; then
        long /run/restored "$XL" restore -e /run/guest.cfg /run/save
        R=$?
        fact "restore $R"
        if [ $R != 0 ]; then while read -r X; do fact "output $X"; done < /run/restored; fi
        state
        terminal
        ask echo restored
    else
        while read -r X; do fact "output $X"; done < /run/saved
    fi
    rm -f /run/save
}
# closed SECONDS: waits until the guest has switched itself off.
closed() {
    now
    LIMIT=$((NOW + $1))
    while :; do
        state
        case $STATE in *s* | *c* | *d*) break ;; esac
        beat
        [ "$NOW" -ge $LIMIT ] && break
        sleep 0.3
    done
    while read -r X; do fact "state $X"; done < /run/state
}
check_shutdown() {
    "$XL" shutdown "$D" > /run/shut 2>&1 < /dev/null
    fact "shutdown $?"
    while read -r X; do fact "output $X"; done < /run/shut
    closed 60
    answer off 1
    read -r X < /run/answer
    fact "answer $X"
}
check_restart() {
    "$XL" destroy "$D" > /run/error 2>&1 < /dev/null
    fact "destroy $?"
    : > "$LOG"
    settings ""
    # Its output and state are records of their own.
    mv "$OUT" /run/kept
    : > "$OUT"
    launch "$M-again"
    R=$?
    mv "$OUT" /run/launched
    mv /run/kept "$OUT"
    if [ $R = 0 ]; then
        ask echo again
        ! wanted disk || [ -z "$DISK" ] || case $M in hvm) use_disk xvda 1 ;; *) use_disk xvda 0 ;; esac
        ! wanted network || use_network vif "vif$ID.0" 0 64
    fi
}
guest() {
    M=$1
    D=dom0kit-$M
    LOG=/var/log/xen/console/guest-$D.log
    STAGE=guest-$M
    say "$STAGE"
    cat /guest/base.cpio "/guest/$M.cpio" > /run/guest.cpio
    : > /run/error
    # An HVM guest keeps its emulated devices beside the paravirtual ones at first; after the restart it lets go of them.
    case $M in hvm) settings xen_emul_unplug=unnecessary ;; *) settings "" ;; esac
    launch "$M"
    R=$?
    console console
    check
    [ $R = 0 ] || return 1
    for C in $CHECKS; do
        case $C in
            init) continue ;;
            disk | network) [ "$M" != hvm ] || one "$C-emulated" ;;
        esac
        one "$C"
    done
    # Whatever was asked for, it ends by its own will.
    if ! wanted shutdown || wanted restart; then
        begin check "$M/end"
        printf '0 off\n' > "$TERMINAL"
        closed 60
        answer off 1
        read -r X < /run/answer
        fact "answer $X"
        end
        check
    fi
    console log
    check
    "$XL" destroy "$D" > /dev/null 2>&1 < /dev/null
}
# one CHECK: makes a check and sends its record, and after a restart those of the new start.
one() {
    STAGE=guest-$M/$1
    say "$STAGE"
    begin check "$M/$1"
    case $1 in
        console) check_console ;;
        disk) check_disk ;;
        disk-emulated) check_disk_emulated ;;
        network) check_network ;;
        network-emulated) check_network_emulated ;;
        pause) check_pause ;;
        balloon) check_balloon ;;
        save) check_save ;;
        shutdown) check_shutdown ;;
        restart) check_restart ;;
    esac
    while read -r X; do fact "error $X"; done < /run/error
    end
    if [ -f /run/launched ]; then
        cat /run/launched "$OUT" > /run/both
        mv /run/both "$OUT"
        rm /run/launched
    fi
    console log
    check
}
