/// What the test host needs to know of an ELF file for x86-64: its libraries and its sections.
///
/// Layout: System V ABI, "Object Files"; every read is checked against the file's length.
struct ElfFile {
    /// Why a file is none.
    struct Malformed: Error { let reason: String }

    private struct Section {
        let name: UInt32
        let type: UInt32
        let offset: Int
        let size: Int
        let link: Int
    }

    private let bytes: [UInt8]
    private let sections: [Section]

    init(_ bytes: [UInt8]) throws(Malformed) {
        self.bytes = bytes
        guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { throw Malformed(reason: "it has no ELF header") }
        guard bytes.count >= 64, bytes[4] == 2, bytes[5] == 1 else {
            throw Malformed(reason: "it is not 64-bit little-endian")
        }
        guard let table = Self.load(bytes, 40, 8), let size = Self.load(bytes, 58, 2),
            let count = Self.load(bytes, 60, 2),
            size >= 64 || count == 0
        else { throw Malformed(reason: "its section table is damaged") }
        var sections: [Section] = []
        for index in 0..<count {
            let at = table &+ index &* size
            guard let name = Self.load(bytes, at, 4), let type = Self.load(bytes, at &+ 4, 4),
                let offset = Self.load(bytes, at &+ 24, 8), let length = Self.load(bytes, at &+ 32, 8),
                let link = Self.load(bytes, at &+ 40, 4)
            else { throw Malformed(reason: "its section table is cut off") }
            sections.append(
                Section(name: UInt32(name), type: UInt32(type), offset: offset, size: length, link: link))
        }
        self.sections = sections
    }

    /// The names of the libraries it is linked with (`DT_NEEDED`), in order.
    var neededLibraries: [String] {
        // SHT_DYNAMIC is 6, DT_NEEDED 1.
        guard let dynamic = sections.first(where: { $0.type == 6 }), sections.indices.contains(dynamic.link) else {
            return []
        }
        let names = sections[dynamic.link]
        var result: [String] = []
        var at = dynamic.offset
        while at &- dynamic.offset < dynamic.size, let tag = Self.load(bytes, at, 8), tag != 0 {
            if tag == 1, let value = Self.load(bytes, at &+ 8, 8), let name = text(names.offset &+ value) {
                result.append(name)
            }
            at &+= 16
        }
        return result
    }

    /// The program loader it asks for (`.interp`), if any.
    var interpreter: String? {
        section(".interp").flatMap { $0.split(separator: 0).first.map { String(decoding: $0, as: UTF8.self) } }
    }

    /// The content of the first section of that name.
    func section(_ name: String) -> ArraySlice<UInt8>? {
        guard let index = Self.load(bytes, 62, 2), sections.indices.contains(index) else { return nil }
        let names = sections[index]
        // SHT_NOBITS is 8: nothing in the file.
        guard
            let found = sections.first(where: { text(names.offset &+ Int($0.name)) == name && $0.type != 8 }),
            found.offset >= 0, found.size >= 0, found.offset <= bytes.count, found.size <= bytes.count - found.offset
        else { return nil }
        return bytes[found.offset..<found.offset + found.size]
    }

    private func text(_ offset: Int) -> String? {
        guard offset >= 0, offset < bytes.count, let end = bytes[offset...].firstIndex(of: 0) else { return nil }
        return String(decoding: bytes[offset..<end], as: UTF8.self)
    }

    /// A little-endian number; `nil` outside of the file or where it does not fit.
    private static func load(_ bytes: [UInt8], _ offset: Int, _ width: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - width else { return nil }
        var value: UInt64 = 0
        for index in 0..<width { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
        return Int(exactly: value)
    }
}
