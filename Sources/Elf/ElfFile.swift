import CElf

/// An ELF file in memory, read with libelf.
///
/// Only the tables are read at once; contents, notes and dynamic entries are read when they are asked for. Every offset
/// comes from the file and may be wrong: a read that reaches beyond the file gives `nil` or nothing, never a crash.
package struct ElfFile: Sendable {
    /// A program header.
    package struct Segment: Sendable {
        /// `p_type`.
        package let type: UInt32
        /// `p_flags`: `PF_R`, `PF_W`, `PF_X`.
        package let flags: UInt32
        /// `p_offset`, in bytes.
        package let fileOffset: UInt64
        /// `p_filesz`, in bytes.
        package let fileSize: UInt64
        /// `p_vaddr`.
        package let virtual: UInt64
        /// `p_paddr`.
        package let physical: UInt64
        /// `p_memsz`, in bytes.
        package let memorySize: UInt64
        /// `p_align`.
        package let alignment: UInt64
    }

    /// A section header.
    package struct Section: Sendable {
        /// Its name; empty where the name table does not hold it.
        package let name: String
        /// `sh_type`.
        package let type: UInt32
        /// `sh_offset`, in bytes.
        package let fileOffset: UInt64
        /// `sh_size`, in bytes.
        package let size: UInt64
    }

    /// A table of headers, as the ELF header states it.
    package struct Table: Sendable {
        /// Where it begins in the file.
        package let offset: UInt64
        /// The size of one header, in bytes.
        package let entrySize: UInt64
        /// How many headers there are.
        package let count: UInt64
    }

    /// The file.
    package let bytes: [UInt8]
    /// `e_machine`.
    package let machine: Int
    /// Whether the class is ELFCLASS64.
    package let is64Bit: Bool
    /// Whether numbers are stored most significant byte first.
    package let isBigEndian: Bool
    /// `e_entry`.
    package let entry: UInt64
    /// Where the program headers are.
    package let segmentTable: Table
    /// Where the section headers are.
    package let sectionTable: Table
    /// The program headers.
    package let segments: [Segment]
    /// The section headers.
    package let sections: [Section]

    /// `e_machine` of x86-64.
    package static let machineAMD64 = Int(EM_X86_64)
    /// `e_machine` of 32-bit x86.
    package static let machine386 = Int(EM_386)

    /// More headers than this are not read: 16-bit counts of the ELF header reach no further.
    private static let headerLimit = 65536

    /// Reads an ELF file; `nil` where libelf does not take it for one.
    package init?(_ bytes: [UInt8]) {
        let tables = Self.withHandle(bytes) { elf -> (GElf_Ehdr, [Segment], [Section])? in
            var header = GElf_Ehdr()
            guard gelf_getehdr(elf, &header) != nil else { return nil }
            return (header, Self.segments(elf), Self.sections(elf))
        }
        guard let (header, segments, sections) = tables else { return nil }
        self.bytes = bytes
        machine = Int(header.e_machine)
        // EI_CLASS is byte 4 of the identification, EI_DATA byte 5.
        is64Bit = header.e_ident.4 == UInt8(ELFCLASS64)
        isBigEndian = header.e_ident.5 == UInt8(ELFDATA2MSB)
        entry = header.e_entry
        segmentTable = Table(
            offset: header.e_phoff, entrySize: UInt64(header.e_phentsize), count: UInt64(header.e_phnum))
        sectionTable = Table(
            offset: header.e_shoff, entrySize: UInt64(header.e_shentsize), count: UInt64(header.e_shnum))
        self.segments = segments
        self.sections = sections
    }

    /// The content of a range of the file; `nil` where it reaches beyond the end.
    package func content(at offset: UInt64, size: UInt64) -> ArraySlice<UInt8>? {
        guard isInside(offset, size) else { return nil }
        return bytes[Int(offset)..<Int(offset + size)]
    }

    /// The content of the first section of that name; `nil` where there is none, or nothing of it in the file.
    package func section(_ name: String) -> ArraySlice<UInt8>? {
        sections.first { $0.name == name && $0.type != UInt32(SHT_NOBITS) }
            .flatMap { content(at: $0.fileOffset, size: $0.size) }
    }

    /// Whether a range lies within the file.
    package func isInside(_ offset: UInt64, _ size: UInt64) -> Bool {
        let (end, overflow) = offset.addingReportingOverflow(size)
        return !overflow && end <= UInt64(bytes.count)
    }

    /// Opens the file for the duration of a call.
    static func withHandle<Value>(_ bytes: [UInt8], _ body: (OpaquePointer) -> Value?) -> Value? {
        guard elf_version(UInt32(EV_CURRENT)) != UInt32(EV_NONE) else { return nil }
        return bytes.withUnsafeBytes { buffer in
            // libelf takes a mutable pointer, but never writes to an image it only reads: what it has to convert goes
            // into memory of its own.
            guard let start = buffer.baseAddress,
                let elf = elf_memory(
                    UnsafeMutableRawPointer(mutating: start).assumingMemoryBound(to: CChar.self), buffer.count)
            else { return nil }
            defer { elf_end(elf) }
            guard elf_kind(elf) == ELF_K_ELF else { return nil }
            return body(elf)
        }
    }

    private static func segments(_ elf: OpaquePointer) -> [Segment] {
        var count = 0
        guard elf_getphdrnum(elf, &count) == 0 else { return [] }
        return (0..<min(count, headerLimit)).compactMap { index in
            var header = GElf_Phdr()
            guard gelf_getphdr(elf, Int32(index), &header) != nil else { return nil }
            return Segment(
                type: header.p_type, flags: header.p_flags, fileOffset: header.p_offset, fileSize: header.p_filesz,
                virtual: header.p_vaddr, physical: header.p_paddr, memorySize: header.p_memsz,
                alignment: header.p_align)
        }
    }

    private static func sections(_ elf: OpaquePointer) -> [Section] {
        var names = 0
        guard elf_getshdrstrndx(elf, &names) == 0 else { return [] }
        var sections: [Section] = []
        var section = elf_nextscn(elf, nil)
        while let current = section, sections.count < headerLimit {
            var header = GElf_Shdr()
            if gelf_getshdr(current, &header) != nil {
                let name = elf_strptr(elf, names, Int(header.sh_name)).map { String(cString: $0) } ?? ""
                sections.append(
                    Section(name: name, type: header.sh_type, fileOffset: header.sh_offset, size: header.sh_size))
            }
            section = elf_nextscn(elf, current)
        }
        return sections
    }
}
