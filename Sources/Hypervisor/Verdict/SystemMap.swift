import Bytes
import Elf
import SystemPackage

/// A kernel's symbols, from its `System.map` or its `vmlinux`: names for the addresses in a trace that the kernel or Xen printed without them.
package struct SystemMap {
    private let addresses: [UInt64]
    private let names: [String]

    /// Reads the lines `ADDRESS TYPE NAME` of nm(1), or an ELF file's table of symbols.
    /// - Throws: ``HypervisorError/systemMap(path:reason:)`` where there is none, `BytesError` where it cannot be read.
    package init(_ path: FilePath) throws {
        let content = try Files.read(path)
        var entries: [(UInt64, String)]
        if let elf = ElfFile(content) {
            entries = elf.symbols.filter { $0.address >= Self.lowest }.map { ($0.address, $0.name) }
            guard !entries.isEmpty else {
                throw HypervisorError.systemMap(
                    path: path, reason: "it is an ELF file without a kernel's table of symbols (stripped?)")
            }
        } else {
            entries = Self.lines(content)
        }
        guard !entries.isEmpty else {
            throw HypervisorError.systemMap(path: path, reason: "it has no line ADDRESS TYPE NAME of a kernel's symbol")
        }
        entries.sort { $0.0 < $1.0 }
        addresses = entries.map(\.0)
        names = entries.map(\.1)
    }

    private static func lines(_ text: [UInt8]) -> [(UInt64, String)] {
        text.split(separator: 0x0a).compactMap { line in
            let fields = line.split(separator: 0x20, maxSplits: 2)
            guard fields.count == 3, fields[1].count == 1,
                let address = UInt64(String(decoding: fields[0], as: UTF8.self), radix: 16), address >= lowest
            else { return nil }
            return (address, String(decoding: fields[2], as: UTF8.self))
        }
    }

    /// Where the kernel's own text and data begin: `__START_KERNEL_map` of `arch/x86/include/asm/page_64_types.h`.
    private static let lowest: UInt64 = 0xffff_ffff_8000_0000

    /// `name+0xOFFSET` of an address; `nil` outside of the kernel.
    private func symbol(at address: UInt64) -> String? {
        var (low, high) = (0, addresses.count)
        while low < high {
            let middle = (low + high) / 2
            if addresses[middle] <= address { low = middle + 1 } else { high = middle }
        }
        // Behind the last symbol nothing is known.
        guard low > 0, low < addresses.count else { return nil }
        let offset = address - addresses[low - 1]
        return offset == 0 ? names[low - 1] : "\(names[low - 1])+0x\(String(offset, radix: 16))"
    }

    /// A line with the names of the addresses in it behind it.
    package func explain(_ line: String) -> String {
        var found: [String] = []
        for word in line.split(whereSeparator: { !$0.isHexDigit }) where word.count == 16 {
            guard let address = UInt64(word, radix: 16), address >= Self.lowest, let name = symbol(at: address) else {
                continue
            }
            if !found.contains(name), !line.contains(name) { found.append(name) }
        }
        return found.isEmpty ? line : line + "  (" + found.joined(separator: ", ") + ")"
    }
}
