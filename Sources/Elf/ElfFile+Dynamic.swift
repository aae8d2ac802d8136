import CElf

extension ElfFile {
    /// The names of the libraries it is linked with (`DT_NEEDED`), in order.
    package var neededLibraries: [String] {
        Self.withHandle(bytes) { elf -> [String]? in
            var section = elf_nextscn(elf, nil)
            while let current = section {
                var header = GElf_Shdr()
                if gelf_getshdr(current, &header) != nil, header.sh_type == UInt32(SHT_DYNAMIC) {
                    return Self.needed(elf, current, names: Int(header.sh_link))
                }
                section = elf_nextscn(elf, current)
            }
            return nil
        } ?? []
    }

    /// The program loader it asks for (`.interp`), if any.
    package var interpreter: String? {
        section(".interp").flatMap { $0.split(separator: 0).first.map { String(decoding: $0, as: UTF8.self) } }
    }

    private static func needed(_ elf: OpaquePointer, _ section: OpaquePointer, names: Int) -> [String] {
        guard let data = elf_getdata(section, nil) else { return [] }
        var result: [String] = []
        var index: Int32 = 0
        var entry = GElf_Dyn()
        while gelf_getdyn(data, index, &entry) != nil, entry.d_tag != Int64(DT_NULL) {
            if entry.d_tag == Int64(DT_NEEDED), let name = elf_strptr(elf, names, Int(entry.d_un.d_val)) {
                result.append(String(cString: name))
            }
            index += 1
        }
        return result
    }
}
