import CXen

/// What a kernel tells Xen about itself, as Xen's loader gathers it (`struct elf_dom_parms`).
struct XenParameters {
    /// Where it says so.
    enum Source: String, Sendable {
        /// ELF notes with owner `Xen`.
        case notes
        /// The legacy section `__xen_guest`.
        case section = "__xen_guest"
        /// Nowhere.
        case none
    }

    let source: Source
    /// Each note or key with its value, for display.
    private(set) var shown: [String: String] = [:]
    private(set) var loader = ""
    private(set) var guestOS = ""
    private(set) var xenVersion = ""
    /// `PAE_MODE` (`PAE` in the section), where it says that a 32-bit kernel uses PAE.
    private(set) var pae = false
    private(set) var virtualBase: UInt64?
    private(set) var virtualEntry: UInt64?
    private(set) var hypercallPage: UInt64?
    private(set) var p2mBase: UInt64?
    private(set) var physicalOffset: UInt64?
    private(set) var physicalEntry: UInt64?
    private(set) var features = XenFeatures.Parsed()
    /// Whether there is a `SUPPORTED_FEATURES` note.
    private(set) var hasSupportedFeatures = false

    /// Gathers it.
    init(_ elf: ElfImage) {
        let notes = elf.notes.filter { $0.owner == "Xen" }
        if !notes.isEmpty {
            source = .notes
            for note in notes { take(note) }
        } else if let section = elf.xenGuest {
            source = .section
            take(section: section)
        } else {
            source = .none
        }
    }

    private mutating func take(_ note: ElfImage.Note) {
        guard let kind = XenNote.kind(note.type) else {
            shown["UNKNOWN_\(note.type)"] = "(\(note.content.count) bytes)"
            return
        }
        shown[kind.name] = XenNote.show(note, kind.form)
        let number = XenNote.number(note.content) ?? 0
        let text = note.text ?? ""
        switch note.type {
        case Int(XEN_ELFNOTE_LOADER): loader = text
        case Int(XEN_ELFNOTE_GUEST_OS): guestOS = text
        case Int(XEN_ELFNOTE_XEN_VERSION): xenVersion = text
        case Int(XEN_ELFNOTE_PAE_MODE): pae = text == "yes" || text.contains("bimodal")
        case Int(XEN_ELFNOTE_VIRT_BASE): virtualBase = number
        case Int(XEN_ELFNOTE_ENTRY): virtualEntry = number
        case Int(XEN_ELFNOTE_INIT_P2M): p2mBase = number
        case Int(XEN_ELFNOTE_PADDR_OFFSET): physicalOffset = number
        case Int(XEN_ELFNOTE_HYPERCALL_PAGE): hypercallPage = number
        case Int(XEN_ELFNOTE_PHYS32_ENTRY): physicalEntry = number & 0xffff_ffff
        case Int(XEN_ELFNOTE_FEATURES): take(features: text)
        case Int(XEN_ELFNOTE_SUPPORTED_FEATURES):
            hasSupportedFeatures = true
            // Xen takes the first 32 bits (XENFEAT_NR_SUBMAPS is 1) of a note whose size is a multiple of 4.
            let bits = note.content.count.isMultiple(of: 4) ? note.content.number(at: 0, size: 4) ?? 0 : 0
            features.supported.formUnion((0..<32).filter { bits >> UInt64($0) & 1 == 1 })
        default: break
        }
    }

    private mutating func take(features text: String) {
        let parsed = XenFeatures.parse(text)
        features.supported.formUnion(parsed.supported)
        features.required.formUnion(parsed.required)
        if features.unknownRequired == nil { features.unknownRequired = parsed.unknownRequired }
    }

    /// The section's `KEY=value` pairs, split at commas (`elf_xen_parse_guest_info`).
    private mutating func take(section: [UInt8]) {
        var hypercall: UInt64?
        let text = section.prefix { $0 != 0 }
        for pair in text.split(separator: UInt8(ascii: ",")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first, !first.isEmpty else { continue }
            let key = String(decoding: first, as: UTF8.self)
            let value = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : ""
            shown[key] = value
            switch key {
            case "LOADER": loader = value
            case "GUEST_OS": guestOS = value
            case "XEN_VER": xenVersion = value
            case "PAE": pae = value.hasPrefix("yes")
            case "VIRT_BASE": virtualBase = Self.number(value)
            case "VIRT_ENTRY": virtualEntry = Self.number(value)
            case "ELF_PADDR_OFFSET": physicalOffset = Self.number(value)
            case "HYPERCALL_PAGE": hypercall = Self.number(value)
            case "FEATURES": take(features: value)
            default: break
            }
        }
        // The section gives the page's number, from the base on.
        if let hypercall { hypercallPage = (hypercall &<< 12) &+ (virtualBase ?? 0) }
    }

    /// As `strtoull(value, NULL, 0)` reads it.
    private static func number(_ text: String) -> UInt64 {
        let lower = text.lowercased()
        if lower.hasPrefix("0x") { return UInt64(lower.dropFirst(2), radix: 16) ?? 0 }
        if lower.hasPrefix("0") { return UInt64(lower, radix: 8) ?? 0 }
        return UInt64(lower) ?? 0
    }
}
