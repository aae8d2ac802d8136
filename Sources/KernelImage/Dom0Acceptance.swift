import CXen
import Elf

/// Whether Xen would take a kernel as dom0 in one mode, and why not.
public struct Dom0Acceptance: Sendable, Codable, Equatable {
    /// Whether nothing speaks against it.
    public let supported: Bool
    /// Why Xen refuses it, or why it cannot run; empty where it is supported.
    public let reasons: [String]
    /// What cannot be told from the image, or depends on the Xen it meets.
    public let caveats: [String]

    /// Whether Xen itself would start the kernel although it cannot be a dom0: only a boot shows what becomes of it. Not
    /// part of the encoded form.
    public private(set) var isStarted = true

    /// The first version of Xen that can unpack it, where older ones are still met. Not part of the encoded form.
    public private(set) var firstXen: String?

    private enum CodingKeys: String, CodingKey {
        case supported, reasons, caveats
    }

    init(reasons: [String], caveats: [String], isStarted: Bool = false, firstXen: String? = nil) {
        supported = reasons.isEmpty
        self.reasons = reasons
        self.caveats = caveats
        self.isStarted = isStarted || reasons.isEmpty
        self.firstXen = firstXen
    }
}

/// Xen's own rules for dom0 kernels, run offline.
///
/// In the order in which Xen meets them: `bzimage_parse` (`xen/arch/x86/bzimage.c`), `elf_init`, `elf_xen_parse`
/// with `elf_xen_note_check` and `elf_xen_addr_calc_check` (`xen/common/libelf/libelf-dominfo.c`), `initdom_check_parms`
/// (`xen/arch/x86/dom0_build.c`) and the PV and PVH builders (`xen/arch/x86/{pv,hvm}/dom0_build.c`). Where Xen lets a
/// kernel through that could not run (a PVH-only kernel as PV dom0), the rule here is the stricter one.
struct Dom0Rules {
    let elf: ElfImage
    let parameters: XenParameters
    let compression: String
    /// Whether the code of a dom0 is in the kernel.
    let code: Dom0Code
    /// What the last four bytes of a compressed kernel say of its size, where that is wrong.
    let trailer: (said: Int, size: Int)?
    /// Why the embedded configuration was not read, where it was not.
    let damagedConfiguration: String?

    /// The most memory that a kernel's segments may span, in bytes: 1 TiB.
    private static let mostMemory: UInt64 = 1 << 40

    /// The rules that both modes share.
    private func common(hvm: Bool) -> [String] {
        var reasons: [String] = []
        if let damage = elf.damage { reasons.append("the ELF file is damaged: \(damage)") }
        if elf.segments.isEmpty { reasons.append("the ELF file has no loadable segment") }
        if let trailer {
            reasons.append(
                "Xen takes the last four bytes of a compressed kernel for its unpacked size, and those of this file say "
                    + "\(trailer.said) instead of \(trailer.size): only gzip ends that way by itself (bzimage_parse)")
        }
        if let (start, end) = physicalRange, end < start || end - start > Self.mostMemory {
            reasons.append(
                "its segments span \(end < start ? "all addresses" : "\((end - start) >> 30) GiB"), which no machine gives a "
                    + "dom0 (Xen: \"Not enough RAM for domain 0 allocation\")")
        }
        if let name = parameters.features.unknownRequired, parameters.source == .notes {
            reasons.append("it requires the feature '\(name)', which Xen's loader does not know")
        }
        return reasons
    }

    /// What `initdom_check_parms` says, and whether the dom0 bit is true.
    private var noDom0: String? {
        let claims = parameters.features.supported.contains(Int(XENFEAT_dom0))
        if parameters.hasSupportedFeatures, !claims {
            return "its SUPPORTED_FEATURES note lacks the dom0 bit (Xen: \"Kernel does not support Dom0 operation\"): "
                + "CONFIG_XEN_DOM0 is off"
        }
        return switch code.dom0 {
        case .present, .foreign: nil
        case .absent where code.isForwardPort:
            "CONFIG_XEN_PRIVILEGED_GUEST is off: Xen would start it, but it would then run as an unprivileged guest"
        case .absent:
            "CONFIG_XEN_DOM0 is off: its note claims dom0, as that of every Linux before 6.12 does, and Xen would start "
                + "it, but it would then run as an unprivileged guest"
        case .unknown:
            "whether CONFIG_XEN_DOM0 is on cannot be told: its note claims dom0, as that of every Linux before 6.12 "
                + "does, and it has no messages that would show it (CONFIG_PRINTK is off)"
        }
    }

    /// As PV dom0.
    func pv() -> Dom0Acceptance {
        var reasons = common(hvm: false)
        guard parameters.source != .none else {
            return refused(reasons + ["it carries no Xen notes and no __xen_guest section: CONFIG_XEN is off"])
        }
        if !parameters.loader.hasPrefix("generic"), !parameters.guestOS.hasPrefix("linux") {
            reasons.append(
                "it is neither built for the generic loader nor Linux "
                    + "(LOADER '\(parameters.loader)', GUEST_OS '\(parameters.guestOS)')")
        }
        if !parameters.xenVersion.hasPrefix("xen-3.0") {
            reasons.append("it is built for '\(parameters.xenVersion)'; Xen loads images for 'xen-3.0' only")
        }
        switch (elf.is64Bit, elf.machine) {
        case (true, ElfFile.machineAMD64): break
        case (false, ElfFile.machine386):
            if !parameters.pae { reasons.append("it is a 32-bit kernel without PAE") }
        default: reasons.append("it is not an x86 kernel (ELF machine \(elf.machine))")
        }
        if elf.isBigEndian { reasons.append("it is big-endian") }
        if parameters.source == .notes, parameters.virtualEntry == nil {
            reasons.append("it has no ENTRY note, so no PV entry point: CONFIG_XEN_PV is off")
        }
        if parameters.virtualBase == nil {
            reasons.append(
                parameters.physicalOffset == nil
                    ? "it has no VIRT_BASE, so it is not linked for PV" : "PADDR_OFFSET is set and VIRT_BASE is not")
        }
        if let noDom0 { reasons.append(noDom0) }
        if parameters.features.required.contains(Int(XENFEAT_supervisor_mode_kernel)) {
            reasons.append("it requires supervisor-mode execution, which Xen does not give a PV dom0")
        }
        reasons += pvAddresses()
        return verdict(reasons, pv: true)
    }

    /// As PVH dom0.
    func pvh() -> Dom0Acceptance {
        var reasons = common(hvm: true)
        guard parameters.source == .notes, let entry = parameters.physicalEntry else {
            return refused(
                reasons + [
                    "it has no PHYS32_ENTRY note (Xen: \"Unable to find XEN_ELFNOTE_PHYS32_ENTRY address\"): "
                        + "CONFIG_PVH is off"
                ])
        }
        if let noDom0 { reasons.append(noDom0) }
        switch code.pvh {
        case .present, .foreign: break
        case .absent:
            reasons.append(
                "CONFIG_XEN_PVH is off: it has a PVH entry point, but stops there when it finds itself on Xen")
        case .unknown:
            reasons.append("whether CONFIG_XEN_PVH is on cannot be told: it has no messages that would show it")
        }
        if let (start, end) = physicalRange, entry < start || entry > end {
            reasons.append(
                "PHYS32_ENTRY \(hexadecimal(entry)) is outside the kernel "
                    + "(\(hexadecimal(start)) to \(hexadecimal(end)))")
        }
        return verdict(reasons, pv: false)
    }

    /// The physical addresses the segments span (`elf_parse_binary`).
    private var physicalRange: (UInt64, UInt64)? {
        guard let start = elf.segments.map(\.physical).min(),
            let end = elf.segments.map({ $0.physical &+ $0.memorySize }).max()
        else { return nil }
        return (start, end)
    }

    /// What `elf_xen_addr_calc_check` says of a PV kernel, and the builder of the hypercall page.
    private func pvAddresses() -> [String] {
        guard let (start, end) = physicalRange, let base = parameters.virtualBase else { return [] }
        let offset = parameters.physicalOffset ?? (parameters.source == .section ? base : 0)
        let virtualOffset = base &- offset
        let kernelStart = start &+ virtualOffset
        let kernelEnd = end &+ virtualOffset
        let entry = parameters.virtualEntry ?? elf.entry
        var reasons: [String] = []
        if kernelStart > kernelEnd || entry < kernelStart || entry > kernelEnd || base > kernelStart {
            reasons.append(
                "its addresses are out of bounds: base \(hexadecimal(base)), kernel \(hexadecimal(kernelStart)) to "
                    + "\(hexadecimal(kernelEnd)), entry \(hexadecimal(entry))")
        }
        if let p2m = parameters.p2mBase, p2m >= kernelStart, p2m < kernelEnd {
            reasons.append("INIT_P2M \(hexadecimal(p2m)) lies inside the kernel")
        }
        // `pv/dom0_build.c` wants it between the base and the end of the initial mapping, which begins behind the kernel:
        // a page that is not the kernel's own would be overwritten.
        if let page = parameters.hypercallPage, page < base || page >= kernelEnd {
            reasons.append(
                "HYPERCALL_PAGE \(hexadecimal(page)) lies outside the kernel (Xen: \"Invalid HYPERCALL_PAGE field in ELF "
                    + "notes\")")
        }
        return reasons
    }

    private func refused(_ reasons: [String]) -> Dom0Acceptance {
        // The note of an older Linux claims dom0 whatever its configuration: to Xen that is enough.
        let claims = parameters.features.supported.contains(Int(XENFEAT_dom0)) || !parameters.hasSupportedFeatures
        return Dom0Acceptance(
            reasons: reasons, caveats: [], isStarted: claims && reasons == [noDom0],
            firstXen: Self.firstXen[compression])
    }

    private func verdict(_ reasons: [String], pv: Bool) -> Dom0Acceptance {
        guard reasons.isEmpty else { return refused(reasons) }
        var caveats: [String] = []
        if let damagedConfiguration { caveats.append(damagedConfiguration) }
        if !parameters.hasSupportedFeatures {
            caveats.append("it has no SUPPORTED_FEATURES note, so Xen takes it at its word that it can be dom0")
        }
        if code.dom0 == .foreign {
            caveats.append("it is not a mainline Linux from 3.0 on, so its dom0 code was not checked")
        }
        if pv, !elf.is64Bit { caveats.append("a 32-bit PV kernel needs a Xen built with PV32") }
        if let first = Self.firstXen[compression] {
            caveats.append("Xen before \(first) cannot decompress \(compression)")
        }
        return Dom0Acceptance(reasons: [], caveats: caveats, firstXen: Self.firstXen[compression])
    }

    /// The first Xen that can decompress a payload, where an older one is still met. Source: the releases'
    /// `xen/common/decompress.c`.
    private static let firstXen = ["zstd": "4.15"]
}
