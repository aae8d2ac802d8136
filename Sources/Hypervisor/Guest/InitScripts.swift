/// What surrounds the scripts that run as init in domain 0 (`dom0-init.sh`) and in the guests (`guest-init.sh`).
///
/// The scripts are embedded in the program (`PackageResources`).
enum InitScripts {
    /// Changes when the layout of the initramfs changes, so that no older test host is reused; the scripts themselves are
    /// part of a host's key.
    static let revision = 4

    /// The busybox applets the scripts call, as links in `/bin`.
    static let applets = [
        "base64", "cat", "dmesg", "grep", "insmod", "mkdir", "mknod", "mount", "poweroff", "sh", "sha256sum", "sleep",
        "stty", "tail", "tr",
    ]
}
