import Hypervisor
import Testing

/// Lines as Xen 4.14, 4.17, 4.20 and Linux printed them.
struct ConsoleSignTests {
    @Test(arguments: [
        (
            "(XEN) Xen version 4.17.7 (Debian 4.17.7+13-0) (maintainer) (gcc 12.2.0) debug=n",
            ConsoleSign.hypervisorBanner(version: "4.17.7")
        ),
        ("(XEN) *** Building a PV Dom0 ***", .buildingDom0),
        ("(XEN) *** Building a PVH Dom0 ***", .buildingDom0),
        ("(XEN) Std. Loglevel: All", .dom0Built),
        ("[    0.000000] Linux version 6.1.192 (builder@host) (gcc (Debian 12.2.0)) #1 SMP", .kernelBanner),
        ("[   12.592395] Run /init as init process", .initStarted),
        ("(XEN) ELF: not an ELF binary", .refusal),
        ("(XEN) Kernel does not support Dom0 operation", .refusal),
        ("(XEN) Could not construct domain 0", .refusal),
        ("(XEN) Could not construct d0", .refusal),
        ("(XEN) Unable to find XEN_ELFNOTE_PHYS32_ENTRY address", .refusal),
        ("(XEN) dom0 kernel not specified. Check bootloader configuration", .refusal),
        ("(XEN) Failed to load Dom0 kernel", .refusal),
        ("(XEN) Panic on CPU 0:", .hypervisorPanic),
        (
            "[    8.907761] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)",
            .kernelPanic(reason: "VFS: Unable to mount root fs on unknown-block(0,0)")
        ),
        (
            "PANIC: early exception 0x0e IP 10000e030:ffffffff8101e7ee error 0 cr2 0xffff888004a19098",
            .kernelPanic(
                reason: "PANIC: early exception 0x0e IP 10000e030:ffffffff8101e7ee error 0 cr2 0xffff888004a19098")
        ),
        ("(XEN) Hardware Dom0 crashed: 'noreboot' set - not rebooting.", .dom0Crashed),
        ("(XEN) Hardware Dom0 halted: halting machine", .dom0Ended),
        ("[    9.123456] reboot: Power down", .dom0Ended), ("[    9.1] reboot: Restarting system", .dom0Ended),
        ("[    5.100000] BUG: unable to handle page fault for address: ffffc90000000000", .oops),
        ("[    5.100000] BUG: kernel NULL pointer dereference, address: 0000000000000000", .oops),
        ("[    5.100000] general protection fault, probably for non-canonical address 0xdead: 0000 [#1]", .oops),
        ("[    5.100000] kernel BUG at mm/slub.c:4400!", .oops),
        ("[   60.000000] watchdog: BUG: soft lockup - CPU#0 stuck for 23s! [swapper:1]", .warning),
        ("[   60.000000] rcu: INFO: rcu_sched self-detected stall on CPU", .warning),
        ("[    1.000000] WARNING: CPU: 0 PID: 1 at arch/x86/xen/mmu.c:1 f+0x1/0x2", .warning),
    ])
    func meaning(_ line: String, _ sign: ConsoleSign) { #expect(ConsoleSign.of(line) == sign) }

    @Test(arguments: [
        "(XEN) Xen-e820 RAM map:", "[    0.000000] DEBUG: nothing", "libxl: debug: all is well",
        "(d1) [    8.907761] Kernel panic - not syncing: a guest's own",
        "(XEN) d1v0 Unhandled general protection fault fault/trap",
        "(XEN) d12v1: upcall vector f3", "[    0.9] random: crng init done", "",
    ])
    func noMeaning(_ line: String) { #expect(ConsoleSign.of(line) == nil) }
}
