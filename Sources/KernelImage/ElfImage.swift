import CElf

/// What Xen reads of a kernel's ELF file, read with libelf.
struct ElfImage {
    /// A note: its owner, type and content.
    struct Note {
        let owner: String
        let type: Int
        let content: [UInt8]
        /// What stands at the content up to the next zero byte. Xen reads texts this way, past the end of the content:
        /// Linux writes `FEATURES` without a zero byte of its own and is saved by the padding.
        let text: String?
    }

    /// A loadable segment.
    struct Segment {
        let physical: UInt64
        let memorySize: UInt64
        let fileOffset: UInt64
        let fileSize: UInt64
        let alignment: UInt64
    }

    /// `e_machine`.
    let machine: Int
    /// Whether the class is ELFCLASS64.
    let is64Bit: Bool
    /// Whether the numbers are stored most significant byte first.
    let isBigEndian: Bool
    /// `e_entry`.
    let entry: UInt64
    /// The loadable segments that have any access right, which are those Xen loads.
    let segments: [Segment]
    /// The notes: of the note segments, or, where those have none of owner `Xen`, of the note sections.
    let notes: [Note]
    /// The content of the section `__xen_guest`.
    let xenGuest: [UInt8]?
    /// Why Xen, or anyone, could not load it: a header table or segment that reaches beyond the end of the file.
    let damage: String?

    /// The most notes Xen looks at (`ELF_MAX_TOTAL_NOTE_COUNT`).
    private static let noteLimit = 65536
    /// The longest text Xen reads (`ELF_MAX_STRING_LENGTH`).
    private static let textLimit = 4096

    /// Reads an ELF file; `nil` if libelf cannot make anything of it.
    init?(_ bytes: [UInt8]) {
        guard elf_version(UInt32(EV_CURRENT)) != UInt32(EV_NONE) else { return nil }
        let read = bytes.withUnsafeBytes { buffer -> ElfImage? in
            // libelf takes a mutable pointer, but never writes to an image it only reads: what it has to convert goes
            // into memory of its own.
            guard let start = buffer.baseAddress,
                let elf = elf_memory(
                    UnsafeMutableRawPointer(mutating: start).assumingMemoryBound(to: CChar.self), buffer.count)
            else { return nil }
            defer { elf_end(elf) }
            guard elf_kind(elf) == ELF_K_ELF else { return nil }
            return ElfImage(handle: elf, size: UInt64(buffer.count))
        }
        guard let read else { return nil }
        self = read
    }

    private init?(handle elf: OpaquePointer, size: UInt64) {
        var header = GElf_Ehdr()
        guard gelf_getehdr(elf, &header) != nil else { return nil }
        machine = Int(header.e_machine)
        // EI_CLASS 4, EI_DATA 5
        is64Bit = header.e_ident.4 == UInt8(ELFCLASS64)
        isBigEndian = header.e_ident.5 == UInt8(ELFDATA2MSB)
        entry = header.e_entry
        var damage: String?
        if Self.beyond(header.e_phoff, UInt64(header.e_phentsize) * UInt64(header.e_phnum), size) {
            damage = "its program headers reach beyond the end of the file"
        } else if Self.beyond(header.e_shoff, UInt64(header.e_shentsize) * UInt64(header.e_shnum), size) {
            damage = "its section headers reach beyond the end of the file"
        }
        var segments: [Segment] = []
        var notes: [Note] = []
        for program in damage == nil ? Self.programHeaders(elf) : [] {
            if program.p_type == UInt32(PT_LOAD), program.p_flags & UInt32(PF_R | PF_W | PF_X) != 0 {
                segments.append(
                    Segment(
                        physical: program.p_paddr, memorySize: program.p_memsz, fileOffset: program.p_offset,
                        fileSize: program.p_filesz, alignment: program.p_align))
                if Self.beyond(program.p_offset, program.p_filesz, size), damage == nil {
                    damage = "its segment at \(hexadecimal(program.p_paddr)) reaches beyond the end of the file"
                }
            } else if program.p_type == UInt32(PT_NOTE), program.p_offset != 0 {
                // Some binutils left the offset of a note segment at 0; Xen skips those, too.
                notes += Self.notes(elf, at: program.p_offset, size: program.p_filesz, within: size, seen: notes.count)
            }
        }
        var guest: [UInt8]?
        let sections = damage == nil ? Self.sections(elf, names: Int(header.e_shstrndx)) : []
        if !notes.contains(where: { $0.owner == "Xen" }) {
            for section in sections where section.header.sh_type == UInt32(SHT_NOTE) {
                notes += Self.notes(
                    elf, at: section.header.sh_offset, size: section.header.sh_size, within: size, seen: notes.count)
            }
        }
        for section in sections where section.name == "__xen_guest" && guest == nil {
            guest = Self.content(elf, at: section.header.sh_offset, size: section.header.sh_size, within: size)
        }
        self.segments = segments
        self.notes = notes
        self.damage = damage
        xenGuest = guest
    }

    private static func beyond(_ offset: UInt64, _ length: UInt64, _ size: UInt64) -> Bool {
        let (end, overflow) = offset.addingReportingOverflow(length)
        return overflow || end > size
    }

    private static func programHeaders(_ elf: OpaquePointer) -> [GElf_Phdr] {
        var count = 0
        guard elf_getphdrnum(elf, &count) == 0 else { return [] }
        return (0..<min(count, 65536)).compactMap { index in
            var header = GElf_Phdr()
            return gelf_getphdr(elf, Int32(index), &header) == nil ? nil : header
        }
    }

    private static func sections(_ elf: OpaquePointer, names: Int) -> [(name: String, header: GElf_Shdr)] {
        var sections: [(name: String, header: GElf_Shdr)] = []
        var section = elf_nextscn(elf, nil)
        while let current = section, sections.count < 65536 {
            var header = GElf_Shdr()
            if gelf_getshdr(current, &header) != nil {
                let name = elf_strptr(elf, names, Int(header.sh_name)).map { String(cString: $0) } ?? ""
                sections.append((name, header))
            }
            section = elf_nextscn(elf, current)
        }
        return sections
    }

    private static func content(_ elf: OpaquePointer, at offset: UInt64, size: UInt64, within whole: UInt64) -> [UInt8]?
    {
        guard !beyond(offset, size, whole), size > 0,
            let data = elf_getdata_rawchunk(elf, Int64(offset), Int(size), ELF_T_BYTE), let base = data.pointee.d_buf
        else { return nil }
        return Array(UnsafeRawBufferPointer(start: base, count: data.pointee.d_size))
    }

    /// The notes of a segment or section. Names and contents are padded to 4 bytes, whatever the segment's alignment is,
    /// as Xen reads them.
    private static func notes(
        _ elf: OpaquePointer, at offset: UInt64, size: UInt64, within whole: UInt64, seen: Int
    ) -> [Note] {
        let room = offset < whole ? min(size, whole - offset) : 0
        guard room > 0, let data = elf_getdata_rawchunk(elf, Int64(offset), Int(room), ELF_T_NHDR),
            let base = data.pointee.d_buf
        else { return [] }
        let bytes = UnsafeRawBufferPointer(start: base, count: data.pointee.d_size)
        var notes: [Note] = []
        var position = 0
        while seen + notes.count < noteLimit {
            var header = GElf_Nhdr()
            var nameStart = 0
            var contentStart = 0
            let next = gelf_getnote(data, position, &header, &nameStart, &contentStart)
            guard next > position, nameStart <= bytes.count, contentStart <= bytes.count else { break }
            let name = bytes[nameStart...].prefix(Int(header.n_namesz)).prefix { $0 != 0 }
            let content = bytes[contentStart...].prefix(Int(header.n_descsz))
            let reach = bytes[contentStart...].prefix(Self.textLimit)
            notes.append(
                Note(
                    owner: String(decoding: name, as: UTF8.self), type: Int(header.n_type), content: Array(content),
                    text: reach.firstIndex(of: 0).map { String(decoding: bytes[contentStart..<$0], as: UTF8.self) }))
            position = next
        }
        return notes
    }
}

/// `0x` and the hexadecimal digits.
func hexadecimal(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }
