import CElf

extension ElfFile {
    /// A note: its owner, type and content.
    package struct Note: Sendable {
        /// The owner's name.
        package let owner: String
        /// The type, whose meaning the owner decides.
        package let type: Int
        /// The content (`descsz` bytes).
        package let content: [UInt8]
        /// The content up to the next zero byte, as text. Xen reads texts this way, past the end of the content: Linux
        /// writes `FEATURES` without a zero byte of its own and is saved by the padding.
        package let text: String?
    }

    /// The longest text of a note that is read, in bytes (Xen's `ELF_MAX_STRING_LENGTH`).
    private static let textLimit = 4096

    /// The notes of a range of the file. Names and contents are padded to 4 bytes whatever the segment's alignment is.
    /// - Parameter limit: The most notes to read.
    package func notes(at offset: UInt64, size: UInt64, limit: Int) -> [Note] {
        guard offset < UInt64(bytes.count), limit > 0 else { return [] }
        let room = min(size, UInt64(bytes.count) - offset)
        return Self.withHandle(bytes) { elf -> [Note]? in
            guard room > 0, let data = elf_getdata_rawchunk(elf, Int64(offset), Int(room), ELF_T_NHDR),
                let base = data.pointee.d_buf
            else { return nil }
            return Self.notes(data, UnsafeRawBufferPointer(start: base, count: data.pointee.d_size), limit: limit)
        } ?? []
    }

    private static func notes(
        _ data: UnsafeMutablePointer<Elf_Data>, _ bytes: UnsafeRawBufferPointer, limit: Int
    ) -> [Note] {
        var notes: [Note] = []
        var position = 0
        while notes.count < limit {
            var header = GElf_Nhdr()
            var nameStart = 0
            var contentStart = 0
            let next = gelf_getnote(data, position, &header, &nameStart, &contentStart)
            guard next > position, nameStart <= bytes.count, contentStart <= bytes.count else { break }
            let name = bytes[nameStart...].prefix(Int(header.n_namesz)).prefix { $0 != 0 }
            let content = bytes[contentStart...].prefix(Int(header.n_descsz))
            let reach = bytes[contentStart...].prefix(textLimit)
            notes.append(
                Note(
                    owner: String(decoding: name, as: UTF8.self), type: Int(header.n_type), content: Array(content),
                    text: reach.firstIndex(of: 0).map { String(decoding: bytes[contentStart..<$0], as: UTF8.self) }))
            position = next
        }
        return notes
    }
}
