import CXen

/// The kinds of ELF notes with owner `Xen` that tell Xen how to load a kernel (`xen/elfnote.h`), and how Xen reads each
/// (the table in `xen/common/libelf/libelf-dominfo.c`).
enum XenNote {
    /// How the content of a note is read.
    enum Form {
        /// An unsigned number of 1, 2, 4 or 8 bytes.
        case number
        /// A zero-terminated text.
        case text
        /// Several numbers of this size.
        case numbers(size: Int)
    }

    /// What is known of a type.
    struct Kind {
        let type: Int
        let name: String
        let form: Form
    }

    /// Every type Xen knows.
    static let kinds: [Kind] = [
        Kind(type: Int(XEN_ELFNOTE_INFO), name: "INFO", form: .numbers(size: 4)),
        Kind(type: Int(XEN_ELFNOTE_ENTRY), name: "ENTRY", form: .number),
        Kind(type: Int(XEN_ELFNOTE_HYPERCALL_PAGE), name: "HYPERCALL_PAGE", form: .number),
        Kind(type: Int(XEN_ELFNOTE_VIRT_BASE), name: "VIRT_BASE", form: .number),
        Kind(type: Int(XEN_ELFNOTE_PADDR_OFFSET), name: "PADDR_OFFSET", form: .number),
        Kind(type: Int(XEN_ELFNOTE_XEN_VERSION), name: "XEN_VERSION", form: .text),
        Kind(type: Int(XEN_ELFNOTE_GUEST_OS), name: "GUEST_OS", form: .text),
        Kind(type: Int(XEN_ELFNOTE_GUEST_VERSION), name: "GUEST_VERSION", form: .text),
        Kind(type: Int(XEN_ELFNOTE_LOADER), name: "LOADER", form: .text),
        Kind(type: Int(XEN_ELFNOTE_PAE_MODE), name: "PAE_MODE", form: .text),
        Kind(type: Int(XEN_ELFNOTE_FEATURES), name: "FEATURES", form: .text),
        Kind(type: Int(XEN_ELFNOTE_BSD_SYMTAB), name: "BSD_SYMTAB", form: .text),
        Kind(type: Int(XEN_ELFNOTE_HV_START_LOW), name: "HV_START_LOW", form: .number),
        Kind(type: Int(XEN_ELFNOTE_L1_MFN_VALID), name: "L1_MFN_VALID", form: .numbers(size: 8)),
        Kind(type: Int(XEN_ELFNOTE_SUSPEND_CANCEL), name: "SUSPEND_CANCEL", form: .number),
        Kind(type: Int(XEN_ELFNOTE_INIT_P2M), name: "INIT_P2M", form: .number),
        Kind(type: Int(XEN_ELFNOTE_MOD_START_PFN), name: "MOD_START_PFN", form: .number),
        Kind(type: Int(XEN_ELFNOTE_SUPPORTED_FEATURES), name: "SUPPORTED_FEATURES", form: .number),
        Kind(type: Int(XEN_ELFNOTE_PHYS32_ENTRY), name: "PHYS32_ENTRY", form: .number),
        Kind(type: Int(XEN_ELFNOTE_PHYS32_RELOC), name: "PHYS32_RELOC", form: .numbers(size: 4)),
    ]

    /// The kind of a type; `nil` for one Xen does not know.
    static func kind(_ type: Int) -> Kind? { kinds.first { $0.type == type } }

    /// A content for display.
    static func show(_ note: ElfImage.Note, _ form: Form) -> String {
        let content = note.content
        switch form {
        case .number: return number(content).map(hexadecimal) ?? "(\(content.count) bytes)"
        case .text: return note.text ?? "(unterminated)"
        case .numbers(let size):
            // 32-bit kernels write the pairs of L1_MFN_VALID in 4 bytes.
            let size = size == 8 && content.count % 16 != 0 ? 4 : size
            guard content.count.isMultiple(of: size) else { return "(\(content.count) bytes)" }
            return stride(from: 0, to: content.count, by: size)
                .map { hexadecimal(content.number(at: $0, size: size) ?? 0) }.joined(separator: " ")
        }
    }

    /// A number as `elf_note_numeric` reads it; `nil` where the size is none of 1, 2, 4, 8 (Xen takes 0).
    static func number(_ content: [UInt8]) -> UInt64? {
        [1, 2, 4, 8].contains(content.count) ? content.number(at: 0, size: content.count) : nil
    }
}
