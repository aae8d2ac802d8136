import Archive
import Bytes
import Diagnostics
import SystemPackage
import TestSupport
import Testing

@Suite struct DecompressorTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    static let tools: [(tool: String, command: String)] = [
        ("gzip", "gzip -c"), ("bzip2", "bzip2 -c"), ("xz", "xz -c"), ("xz", "xz --format=lzma -c"),
        ("zstd", "zstd -qc"),
        ("lz4", "lz4 -qc"), ("lz4", "lz4 -qlc"), ("lzip", "lzip -c"),
    ]

    @Test(arguments: tools.filter { !hasTool($0.tool) }.map(\.command))
    func toolsThatAreMissing(command: String) throws { try Test.cancel("\(command) is not on this machine") }

    @Test(arguments: tools.filter { hasTool($0.tool) }) func roundTrip(tool: String, command: String) throws {
        let text = (0..<20_000).flatMap { Array("line \($0)\n".utf8) }
        try scratch.file("plain", text)
        #expect(shell("\(command) plain > packed && \(command) < /dev/null > nothing", in: scratch.path) == 0)
        let packed = scratch.path.appending("packed")
        #expect(try Decompressor.decompress(file: packed) == text)
        #expect(try Decompressor.decompress(try Files.read(packed), name: "p") == text)
        let bytes = try Files.read(packed)
        #expect(throws: ArchiveError.self) { try Decompressor.decompress(bytes, name: "p", limit: 1000) }
        for length in [bytes.count - 1, bytes.count - 9, bytes.count / 2] where command != "lz4 -qlc" {
            #expect(throws: ArchiveError.self, "\(command) cut at \(length) of \(bytes.count)") {
                try Decompressor.decompress(Array(bytes.prefix(length)), name: "p")
            }
        }
        // Nothing but a magic number is no LZ4 legacy stream to libarchive.
        if command != "lz4 -qlc" {
            #expect(try Decompressor.decompress(file: scratch.path.appending("nothing")) == [])
        }
    }

    @Test(arguments: ["gzip -c", "bzip2 -c", "xz -c"]) func severalStreamsInARow(command: String) throws {
        try scratch.file("a", Array("one\n".utf8))
        try scratch.file("b", Array("two\n".utf8))
        #expect(shell("(\(command) a; \(command) b) > packed", in: scratch.path) == 0)
        #expect(try Decompressor.decompress(file: scratch.path.appending("packed")) == Array("one\ntwo\n".utf8))
    }

    @Test(arguments: ["gzip -c", "bzip2 -c", "xz -c"]) func everyFlippedByteIsNoticed(command: String) throws {
        let text = (0..<300).flatMap { Array("line \($0)\n".utf8) }
        try scratch.file("plain", text)
        #expect(shell("\(command) plain > packed", in: scratch.path) == 0)
        let bytes = try Files.read(scratch.path.appending("packed"))
        for index in stride(from: 10, to: bytes.count, by: 7) {
            var broken = bytes
            broken[index] ^= 0x20
            let result = try? Decompressor.decompress(broken, name: "p")
            // A flip in a name or a time of gzip's header changes nothing.
            #expect(result == nil || result == text, "byte \(index)")
        }
    }

    @Test func plainBytesPassThrough() throws {
        #expect(try Decompressor.decompress([1, 2, 3], name: "p") == [1, 2, 3])
        #expect(try Decompressor.decompress([], name: "p") == [])
    }

    @Test func bombs() throws {
        #expect(
            shell(
                "head -c 200000000 /dev/zero | xz -1c > bomb.xz; head -c 200000000 /dev/zero | gzip -1c > bomb.gz",
                in: scratch.path) == 0)
        for name in ["bomb.xz", "bomb.gz"] {
            do {
                _ = try Decompressor.decompress(file: scratch.path.appending(name))
                Issue.record("\(name) was unpacked")
            } catch {
                #expect(error.category == .malformedInput)
                #expect(error.message.contains("grows"))
            }
        }
    }

    @Test func suffixes() {
        #expect(Compression.stripSuffix("a.patch.bz2") == "a.patch")
        #expect(Compression.stripSuffix("a.patch") == "a.patch")
        #expect(Compression.stripSuffix(".gz") == ".gz")
    }
}
