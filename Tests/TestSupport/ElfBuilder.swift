/// Makes small ELF files with notes, as a kernel has them.
public struct ElfBuilder: Sendable {
    /// Whether it is ELFCLASS64.
    public var is64Bit = true
    /// `e_machine`; 62 is x86-64.
    public var machine: UInt16 = 62
    /// `e_entry`.
    public var entry: UInt64 = 0x100_0000
    /// The physical address of the one loaded segment.
    public var physical: UInt64 = 0x100_0000
    /// The size of that segment in memory.
    public var memorySize: UInt64 = 0x20_0000
    /// What that segment holds: the strings that Xen support leaves in a kernel.
    public var content = Array(
        ("Linux version 6.1.0-test (builder@host) #1 SMP\n\0Booting paravirtualized kernel%s on %s\n\0"
            + "xen: registering gsi %u triggering %d polarity %d\n\0XENMEM_memory_map failed (%d)\n\0").utf8)
    /// Owner, type, content.
    public var notes: [(String, UInt32, [UInt8])] = []
    /// Puts the notes into a section only.
    public var notesInSection = false
    /// The `__xen_guest` section.
    public var xenGuest: String?

    /// A file without notes.
    public init() {}

    /// The notes of a kernel that is a PV and PVH dom0.
    public static func dom0() -> ElfBuilder {
        var elf = ElfBuilder()
        elf.note(6, "linux")
        elf.note(7, "2.6")
        elf.note(5, "xen-3.0")
        elf.note(3, 0xffff_ffff_8000_0000)
        elf.note(15, 0x80_0000_0000)
        elf.note(1, 0xffff_ffff_8100_0040)
        elf.note(10, "!writable_page_tables")
        elf.note(9, "yes")
        elf.notes.append(("Xen", 13, little(1, 8) + little(1, 8)))
        elf.note(16, 1)
        elf.note(4, 0)
        elf.note(18, 0x100_0500)
        elf.note(2, 0xffff_ffff_8100_1000)
        elf.note(17, 0x8881, size: 4)
        elf.note(8, "generic")
        elf.note(14, 1, size: 4)
        return elf
    }

    /// Adds a note of Xen with a text.
    public mutating func note(_ type: UInt32, _ text: String) { notes.append(("Xen", type, Array(text.utf8) + [0])) }
    /// Adds a note of Xen with a number.
    public mutating func note(_ type: UInt32, _ number: UInt64, size: Int = 8) {
        notes.append(("Xen", type, Self.little(number, size)))
    }
    /// Removes the notes of a type.
    public mutating func drop(_ type: UInt32) { notes.removeAll { $0.1 == type } }

    /// A number in little-endian bytes.
    public static func little(_ number: UInt64, _ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
    }

    private static func padded(_ bytes: [UInt8], to size: Int) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: (size - bytes.count % size) % size)
    }

    /// The ELF file.
    public var bytes: [UInt8] {
        let word = is64Bit ? 8 : 4
        func number(_ value: UInt64, _ size: Int) -> [UInt8] { Self.little(value, size) }
        var noteBytes: [UInt8] = []
        for (owner, type, content) in notes {
            let name = Array(owner.utf8) + [0]
            noteBytes += number(UInt64(name.count), 4) + number(UInt64(content.count), 4) + number(UInt64(type), 4)
            noteBytes += Self.padded(name, to: 4) + Self.padded(content, to: 4)
        }
        let headerSize = is64Bit ? 64 : 52
        let programSize = is64Bit ? 56 : 32
        let sectionSize = is64Bit ? 64 : 40
        let programs = notesInSection || notes.isEmpty ? 1 : 2
        let contentAt = headerSize + programs * programSize
        let body = Self.padded(content, to: 8)
        let notesAt = contentAt + body.count
        let names = Array("\0.shstrtab\0.notes\0__xen_guest\0".utf8)
        let guest: [UInt8] = xenGuest.map { Array($0.utf8) + [0] } ?? []
        let guestAt = notesAt + noteBytes.count
        let namesAt = guestAt + guest.count
        let sectionsAt = (namesAt + names.count + 7) / 8 * 8
        func program(_ type: UInt64, _ at: Int, _ physical: UInt64, _ size: UInt64, _ memory: UInt64) -> [UInt8] {
            let place = number(UInt64(at), word)
            let addresses = number(0, word) + number(physical, word)
            let sizes = number(size, word) + number(memory, word)
            return is64Bit
                ? number(type, 4) + number(7, 4) + place + addresses + sizes + number(4096, 8)
                : number(type, 4) + place + addresses + sizes + number(7, 4) + number(4096, 4)
        }
        func section(_ name: Int, _ type: UInt64, _ at: Int, _ size: Int) -> [UInt8] {
            number(UInt64(name), 4) + number(type, 4) + number(0, word) + number(0, word) + number(UInt64(at), word)
                + number(UInt64(size), word) + number(0, 8) + number(1, word) + number(0, word)
        }
        var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, is64Bit ? 2 : 1, 1, 1] + [UInt8](repeating: 0, count: 9)
        file += number(2, 2) + number(UInt64(machine), 2) + number(1, 4) + number(entry, word)
        file += number(UInt64(headerSize), word) + number(UInt64(sectionsAt), word) + number(0, 4)
        file += number(UInt64(headerSize), 2) + number(UInt64(programSize), 2) + number(UInt64(programs), 2)
        file += number(UInt64(sectionSize), 2) + number(4, 2) + number(1, 2)
        file += program(1, contentAt, physical, UInt64(body.count), memorySize)
        if programs == 2 { file += program(4, notesAt, 0, UInt64(noteBytes.count), UInt64(noteBytes.count)) }
        file += body + noteBytes + guest + names
        file += [UInt8](repeating: 0, count: sectionsAt - file.count)
        file += [UInt8](repeating: 0, count: sectionSize)
        file += section(1, 3, namesAt, names.count)
        file += notesInSection ? section(11, 7, notesAt, noteBytes.count) : section(11, 1, notesAt, 0)
        file += section(18, 1, guestAt, guest.count)
        return file
    }

    /// A bzImage around a payload.
    public static func bzImage(
        _ payload: [UInt8], protocolVersion: UInt64 = 0x20f, version: String = "6.1.0-test (b@h) #1"
    )
        -> [UInt8]
    {
        var setup = [UInt8](repeating: 0, count: 1024)
        setup.replaceSubrange(0x1f1..<0x1f2, with: [1])
        setup.replaceSubrange(0x1fe..<0x200, with: [0x55, 0xaa])
        setup.replaceSubrange(0x202..<0x206, with: Array("HdrS".utf8))
        setup.replaceSubrange(0x206..<0x208, with: little(protocolVersion, 2))
        setup.replaceSubrange(0x20e..<0x210, with: little(0x100, 2))
        setup.replaceSubrange(0x248..<0x24c, with: little(64, 4))
        setup.replaceSubrange(0x24c..<0x250, with: little(UInt64(payload.count), 4))
        setup.replaceSubrange(0x300..<(0x300 + version.utf8.count), with: Array(version.utf8))
        return setup + [UInt8](repeating: 0x90, count: 64) + payload + [UInt8](repeating: 0, count: 100)
    }
}
