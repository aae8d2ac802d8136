import CElf

extension ElfFile {
    /// A name for an address.
    package struct Symbol: Sendable, Equatable {
        /// The name.
        package let name: String
        /// `st_value`: in a linked file its address.
        package let address: UInt64
    }

    /// The symbols of the first `SHT_SYMTAB` that are defined in a section, without those of files and sections; empty in a
    /// file that was stripped.
    package var symbols: [Symbol] {
        Self.withHandle(bytes) { elf -> [Symbol]? in
            var section = elf_nextscn(elf, nil)
            while let current = section {
                var header = GElf_Shdr()
                if gelf_getshdr(current, &header) != nil, header.sh_type == UInt32(SHT_SYMTAB) {
                    return Self.symbols(elf, current, names: Int(header.sh_link))
                }
                section = elf_nextscn(elf, current)
            }
            return nil
        } ?? []
    }

    private static func symbols(_ elf: OpaquePointer, _ section: OpaquePointer, names: Int) -> [Symbol] {
        guard let data = elf_getdata(section, nil) else { return [] }
        var result: [Symbol] = []
        var index: Int32 = 0
        var entry = GElf_Sym()
        while gelf_getsym(data, index, &entry) != nil {
            index += 1
            // The low four bits of st_info are the type.
            let type = Int32(entry.st_info & 0xf)
            guard Int32(entry.st_shndx) != SHN_UNDEF, type != STT_FILE, type != STT_SECTION,
                let name = elf_strptr(elf, names, Int(entry.st_name)), name.pointee != 0
            else { continue }
            result.append(Symbol(name: String(cString: name), address: entry.st_value))
        }
        return result
    }
}
