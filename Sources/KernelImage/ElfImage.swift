import Elf

/// What Xen reads of a kernel's ELF file.
struct ElfImage {
    typealias Note = ElfFile.Note
    typealias Segment = ElfFile.Segment

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

    /// Reads an ELF file; `nil` where libelf does not take it for one.
    init?(_ bytes: [UInt8]) {
        guard let file = ElfFile(bytes) else { return nil }
        machine = file.machine
        is64Bit = file.is64Bit
        isBigEndian = file.isBigEndian
        entry = file.entry
        let tables = Self.tableDamage(file)
        let headers = tables == nil ? file.segments : []
        let loadable = headers.filter { $0.type == Self.load && $0.flags & Self.anyAccess != 0 }
        let beyond = loadable.first { !file.isInside($0.fileOffset, $0.fileSize) }
        let overfull = loadable.first { $0.fileSize > $0.memorySize }
        let notes = Self.notes(file, headers)
        segments = loadable
        self.notes = notes.found
        damage =
            tables ?? beyond.map { "its segment at \(hexadecimal($0.physical)) reaches beyond the end of the file" }
            // Xen: "Failed to load the kernel binary" (`elf_load_image` clears what the file does not fill).
            ?? overfull.map { "its segment at \(hexadecimal($0.physical)) has more bytes in the file than in memory" }
            ?? notes.damage
        xenGuest = tables == nil ? file.section("__xen_guest").flatMap { $0.isEmpty ? nil : Array($0) } : nil
    }

    // Program header types and access rights, and the type of a note section: System V ABI, "Object Files".
    private static let load: UInt32 = 1
    private static let note: UInt32 = 4
    private static let anyAccess: UInt32 = 7
    private static let noteSection: UInt32 = 7

    private static func tableDamage(_ file: ElfFile) -> String? {
        func fits(_ table: ElfFile.Table) -> Bool { file.isInside(table.offset, table.entrySize * table.count) }
        // Xen steps through the headers by the size the file states (`elf_phdr_by_index`).
        let size: UInt64 = file.is64Bit ? 56 : 32
        if file.segmentTable.count > 0, file.segmentTable.entrySize != size {
            return "its program headers are said to have \(file.segmentTable.entrySize) bytes instead of \(size)"
        }
        if !fits(file.segmentTable) { return "its program headers reach beyond the end of the file" }
        if !fits(file.sectionTable) { return "its section headers reach beyond the end of the file" }
        return nil
    }

    private static func notes(
        _ file: ElfFile, _ headers: [ElfFile.Segment]
    ) -> (found: [Note], damage: String?) {
        // Some binutils left the offset of a note segment at 0; Xen skips those, too.
        let inSegments = headers.filter { $0.type == note && $0.fileOffset != 0 }.map { ($0.fileOffset, $0.fileSize) }
        let found = notes(file, in: inSegments)
        if found.damage != nil || found.found.contains(where: { $0.owner == "Xen" }) { return found }
        let inSections = file.sections.filter { $0.type == noteSection }.map { ($0.fileOffset, $0.size) }
        let more = notes(file, in: inSections)
        return (found.found + more.found, more.damage)
    }

    /// The notes of several ranges. Ranges that together are larger than the file overlap, and reading them all would
    /// cost their sum.
    private static func notes(
        _ file: ElfFile, in ranges: [(offset: UInt64, size: UInt64)]
    ) -> (found: [Note], damage: String?) {
        var room = UInt64(file.bytes.count)
        var notes: [Note] = []
        for range in ranges {
            let size = min(range.size, UInt64(file.bytes.count))
            guard size <= room else { return (notes, "its note segments overlap") }
            room -= size
            notes += file.notes(at: range.offset, size: size, limit: noteLimit - notes.count)
        }
        return (notes, nil)
    }
}

/// `0x` and the hexadecimal digits.
func hexadecimal(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }
