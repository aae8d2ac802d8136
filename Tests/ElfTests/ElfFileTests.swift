import Bytes
import Elf
import TestSupport
import Testing

/// The reader beside readelf's view of a program that every Debian machine has.
struct ElfFileTests {
    @Test(
        "a program's libraries, loader and sections are those readelf shows",
        .enabled(if: hasTool("readelf"), "needs binutils"))
    func program() throws {
        let bytes = try Files.read("/bin/cat")
        let file = try #require(ElfFile(bytes))
        #expect(file.is64Bit)
        #expect(!file.isBigEndian)
        let dynamic = try run("readelf", ["-d", "/bin/cat"]).text
        for library in file.neededLibraries { #expect(dynamic.contains("[\(library)]")) }
        #expect(file.neededLibraries.contains("libc.so.6"))
        #expect(file.interpreter == "/lib64/ld-linux-x86-64.so.2")
        #expect(file.section(".text") != nil)
        #expect(file.section(".bss") == nil)
    }

    @Test("no cut of a program makes the reader read beyond its end")
    func cut() throws {
        let bytes = try Files.read("/bin/cat")
        for length in stride(from: 0, to: bytes.count, by: 251) {
            guard let file = ElfFile(Array(bytes[..<length])) else { continue }
            _ = (file.neededLibraries, file.interpreter)
            #expect(file.content(at: UInt64(length), size: 1) == nil)
        }
    }
}
