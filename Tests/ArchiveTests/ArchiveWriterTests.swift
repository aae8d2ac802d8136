import Archive
import SystemPackage
import TestSupport
import Testing

/// The oracle is cpio(1).
struct ArchiveWriterTests {
    private static func sample() throws -> [UInt8] {
        let archive = try ArchiveWriter(name: "sample")
        try archive.addFile("/usr/bin/tool", Array("#!/bin/sh\n".utf8), permissions: 0o755)
        try archive.addLink("/bin", to: "usr/bin")
        try archive.addDevice("/dev/console", .character, major: 5, minor: 1)
        try archive.addDevice("dev/disk", .block, major: 202, minor: 300, permissions: 0o660)
        try archive.addFile("odd", [1, 2, 3])
        try archive.addFolder("empty", permissions: 0o700)
        try archive.addFolder("/usr/bin/")
        return try archive.finish()
    }

    private static func cpio(_ arguments: String, _ archive: [UInt8], in scratch: Scratch) throws -> String {
        try scratch.file("a.cpio", archive)
        let ended = try run(
            "sh", ["-ec", "mkdir -p out && cd out && cpio \(arguments) --quiet < ../a.cpio"], in: scratch.path)
        try #require(ended.status == 0, "\(ended.text)")
        return String(decoding: ended.output, as: UTF8.self)
    }

    @Test func cpioListsWhatWasAdded() throws {
        let listed = try Self.cpio("-itvn", Self.sample(), in: Scratch())
        let lines = listed.split(separator: "\n").map { line in
            line.split(separator: " ").filter { $0 != "->" }
        }
        #expect(
            lines.map { "\($0[0]) \($0[$0.count - 1])" } == [
                "drwxr-xr-x usr", "drwxr-xr-x usr/bin", "-rwxr-xr-x usr/bin/tool", "lrwxrwxrwx usr/bin",
                "drwxr-xr-x dev", "crw------- dev/console", "brw-rw---- dev/disk", "-rw-r--r-- odd",
                "drwx------ empty",
            ])
        #expect(lines.allSatisfy { $0[2] == "0" && $0[3] == "0" }, "the owner is 0:0\n\(listed)")
        #expect(listed.contains("5,   1 Jan  1  1970 dev/console"), "\(listed)")
        #expect(listed.contains("202, 300 Jan  1  1970 dev/disk"), "\(listed)")
    }

    @Test func cpioUnpacksTheContent() throws {
        let scratch = try Scratch()
        _ = try Self.cpio("-idm usr/bin/tool odd bin", Self.sample(), in: scratch)
        #expect(try scratch.text("out/usr/bin/tool") == "#!/bin/sh\n")
        #expect(try scratch.read("out/odd") == [1, 2, 3])
        #expect(try scratch.text("out/bin/tool") == "#!/bin/sh\n")
    }

    @Test func sameCallsGiveSameBytes() throws {
        #expect(try Self.sample() == Self.sample())
    }

    /// cpio reads only the first of two archives; the kernel and libarchive with it read both. What matters is where the
    /// second one begins.
    @Test func anotherArchiveCanFollow() throws {
        let first = try Self.sample()
        #expect(first.count % 512 == 0)
        #expect(first.starts(with: Array("070701".utf8)))
        let end = try #require(first.lastIndex { $0 != 0 })
        #expect(first.count - end <= 512, "the padding is less than a block")
    }

    /// A name that is UTF-8, a large file, and one of length 0.
    @Test func contentOfEveryLength() throws {
        let scratch = try Scratch()
        let archive = try ArchiveWriter(name: "lengths")
        let large = (0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try archive.addFile("größe", large)
        try archive.addFile("none", [])
        _ = try Self.cpio("-idm", archive.finish(), in: scratch)
        #expect(try scratch.read("out/größe") == large)
        #expect(try scratch.read("out/none").isEmpty)
    }

    @Test(arguments: ["../etc/passwd", "/a/../../b", "..", "a\u{0}b"])
    func namesNeverLeaveTheArchive(_ name: String) throws {
        let archive = try ArchiveWriter(name: "the initramfs")
        let error = #expect(throws: ArchiveError.self) { try archive.addFile(name, []) }
        #expect(error?.category == .malformedInput)
        #expect(error?.message.hasPrefix("the initramfs: entry") == true)
    }
}
