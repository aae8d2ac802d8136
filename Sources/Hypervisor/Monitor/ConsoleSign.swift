/// What a line of the machine's console means.
///
/// The line may have come from Xen, from domain 0's kernel or, echoed by Xen, from a guest; a guest's are not signs.
/// Texts: Xen `xen/arch/x86/setup.c`, `xen/arch/x86/pv/dom0_build.c`, `xen/common/shutdown.c`, `xen/drivers/char/console.c`;
/// Linux `kernel/panic.c`, `kernel/reboot.c`, `arch/x86/kernel/dumpstack.c`, `arch/x86/mm/fault.c`.
package enum ConsoleSign: Sendable, Equatable {
    /// Xen's first line, with its version.
    case hypervisorBanner(version: String)
    /// Xen begins to build domain 0.
    case buildingDom0
    /// Xen is done with building domain 0.
    case dom0Built
    /// The kernel's first line.
    case kernelBanner
    /// The kernel starts its init.
    case initStarted
    /// Xen does not take the kernel.
    case refusal
    /// Xen panics; the reason is on the following lines.
    case hypervisorPanic
    /// The kernel of domain 0 panics.
    case kernelPanic(reason: String)
    /// Xen saw domain 0 crash.
    case dom0Crashed
    /// Xen saw domain 0 switch itself off or ask for a restart.
    case dom0Ended
    /// The kernel of domain 0 reports a defect in itself.
    case oops
    /// A complaint after which everything continues.
    case warning

    /// The meaning of a line; `nil` for one without.
    package static func of(_ line: String) -> ConsoleSign? {
        if isGuestLine(line) || echoesCommandLine(line) { return nil }
        let fromXen = line.contains("(XEN)")
        if let version = hypervisorVersion(line) { return .hypervisorBanner(version: version) }
        if refusals.contains(where: { line.contains($0) }) { return .refusal }
        if fromXen {
            if line.contains("*** Building a P") { return .buildingDom0 }
            if line.contains("Panic on CPU") || line.contains("FATAL TRAP") || line.contains("FATAL PAGE FAULT") {
                return .hypervisorPanic
            }
            if line.contains("*** Serial input to DOM0") || line.contains("Scrubbing Free RAM")
                || line.contains("Std. Loglevel:")
            {
                return .dom0Built
            }
            if ["Hardware Dom0 crashed", "Domain 0 crashed"].contains(where: { line.contains($0) }) {
                return .dom0Crashed
            }
            if ["Hardware Dom0 halted", "Hardware Dom0 shutdown: rebooting"].contains(where: { line.contains($0) }) {
                return .dom0Ended
            }
        }
        if let mark = line.firstRange(of: "Kernel panic - not syncing") {
            let rest = line[mark.upperBound...].drop { $0 == ":" || $0 == " " }
            return .kernelPanic(reason: String(rest))
        }
        if line.contains("PANIC: early exception") { return .kernelPanic(reason: String(line)) }
        if Self.farewells.contains(where: { line.contains($0) }) { return .dom0Ended }
        if line.contains("Linux version ") { return .kernelBanner }
        if line.contains("Run /init as init process") { return .initStarted }
        if line.contains("soft lockup") || line.contains("detected stall") || line.contains("self-detected stall") {
            return .warning
        }
        if oopses.contains(where: { hasWord($0, in: line) }) { return .oops }
        if hasWord("WARNING: CPU:", in: line) || hasWord("blocked for more than", in: line) { return .warning }
        return nil
    }

    /// What Xen says when it does not take a kernel as domain 0.
    private static let refusals = [
        "Kernel does not support Dom0 operation", "Unable to find XEN_ELFNOTE_PHYS32_ENTRY address",
        "Could not construct d0", "Could not construct domain 0", "Could not set up DOM0 guest OS",
        "dom0 kernel not specified", "ELF: not an ELF binary", "Failed to load Dom0 kernel",
        "Failed to load dom0 kernel", "Kernel is not a compatible", "Mismatch between Xen and DOM0 kernel",
        "Dom0 does not support", "ELF: unknown feature", "ELF: ERROR",
    ]

    /// What the kernel says when it switches the machine off or restarts it: `kernel/reboot.c`.
    private static let farewells = ["reboot: Power down", "reboot: Restarting system", "reboot: System halted"]

    private static let oopses = [
        "BUG:", "kernel BUG at", "Oops:", "general protection fault", "invalid opcode:", "double fault:",
        "unable to handle kernel", "stack guard page was hit",
    ]

    /// Whether the line repeats words of a command line, which say nothing of what happened. Texts: Xen
    /// `xen/arch/x86/setup.c`, Linux `init/main.c`.
    private static func echoesCommandLine(_ line: String) -> Bool {
        ["ommand line: ", "ommand line parameters"].contains { line.contains($0) }
    }

    /// Whether Xen passes on what a guest said: `(d1) text`, or reports a guest's own trouble: `(XEN) d1v0 text`.
    private static func isGuestLine(_ line: String) -> Bool {
        var rest = Substring(line)
        if rest.hasPrefix("(XEN) ") { rest = rest.dropFirst(6) } else if rest.hasPrefix("(") { rest = rest.dropFirst() }
        guard rest.hasPrefix("d"), let digit = rest.dropFirst().first, digit.isASCII, digit.isNumber else {
            return false
        }
        let number = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
        let after = rest.dropFirst(1 + number.count).first
        return number != "0" && (after == ")" || after == "v" || after == ":" || after == " ")
    }

    private static func hypervisorVersion(_ line: String) -> String? {
        guard let mark = line.firstRange(of: "(XEN) Xen version ") else { return nil }
        let version = line[mark.upperBound...].prefix { $0 != " " }
        return version.isEmpty ? nil : String(version)
    }

    /// Whether the text is there and is not the end of a longer word (`DEBUG:` is no `BUG:`).
    private static func hasWord(_ word: String, in line: String) -> Bool {
        guard let found = line.firstRange(of: word) else { return false }
        guard found.lowerBound > line.startIndex else { return true }
        return !line[line.index(before: found.lowerBound)].isLetter
    }
}
