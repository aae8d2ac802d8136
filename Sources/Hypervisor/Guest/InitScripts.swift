/// What surrounds the scripts that run in domain 0 and in the guests.
///
/// `dom0-init.sh` (which reads `dom0-guests.sh`) and `guest-init.sh` run as init; `xen-block.sh` and `xen-vif.sh` are what libxl runs in domain 0 for a
/// guest's disk and network. They are embedded in the program (`PackageResources`).
enum InitScripts {
    /// Changes when the layout of the initramfs changes, so that no older test host is reused; the scripts themselves are
    /// part of a host's key.
    static let revision = 7

    /// Every script, for the key of a test host.
    static var all: [UInt8] {
        PackageResources.dom0_init_sh + PackageResources.dom0_guests_sh + PackageResources.guest_init_sh
            + PackageResources.xen_block_sh + PackageResources.xen_vif_sh
    }

    /// The busybox applets the scripts call, as links in `/bin`.
    static let applets = [
        "base64", "cat", "cp", "dd", "dmesg", "grep", "ifconfig", "insmod", "losetup", "mkdir", "mkfifo", "mknod",
        "mount", "mv", "nc", "poweroff", "readlink", "rm", "sh", "sha256sum", "sleep", "stat", "stty", "sync", "tail",
        "tr",
    ]
}
