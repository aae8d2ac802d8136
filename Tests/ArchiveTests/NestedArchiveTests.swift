import Archive
import Bytes
import SystemPackage
import TestSupport
import Testing

@Suite struct NestedArchiveTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    @Test func aTarInsideADebianPackage() async throws {
        #expect(
            shell(
                """
                mkdir -p linux-source-1.0/a usr/src out && echo hi > linux-source-1.0/a/b && tar cJf usr/src/linux-source-1.0.tar.xz linux-source-1.0 &&
                tar cJf data.tar.xz ./usr && echo 2.0 > debian-binary && tar cJf control.tar.xz --files-from /dev/null &&
                ar q p.deb debian-binary control.tar.xz data.tar.xz
                """, in: scratch.path) == 0)
        let deb = scratch.path.appending("p.deb")
        let source = ArchiveSource.member(of: .debianPackage(deb), MemberPattern(prefix: "usr/src/linux-source-"))
        let result = try await Extraction().unpack(source, into: scratch.path.appending("out"))
        #expect(result.files == 1)
        #expect(try Files.read(scratch.path.appending("out/linux-source-1.0/a/b")) == Array("hi\n".utf8))
        var names: [String] = []
        try Archives.forEachEntry(in: .debianPackage(deb)) { entry, content in
            names.append(entry.path.string)
            if entry.kind == .file {
                let count = try content.bytes().count
                #expect(count == entry.size)
            }
            return .next
        }
        #expect(names == ["usr", "usr/src", "usr/src/linux-source-1.0.tar.xz"])
        #expect(try Archives.content(of: "debian-binary", in: .file(deb)) == Array("2.0\n".utf8))
        await #expect(throws: ArchiveError.self) {
            try await Extraction().unpack(.member(of: .file(deb), MemberPattern(prefix: "no")), into: scratch.path)
        }
        // A package cut anywhere in its payload is refused.
        let bytes = try Files.read(deb)
        let folder = try scratch.folder("cut")
        for length in stride(from: 100, to: bytes.count - 40, by: 53) {
            await #expect(throws: ArchiveError.self, "cut at \(length) of \(bytes.count)") {
                var extraction = Extraction()
                extraction.merging = true
                try await extraction.unpack(
                    .member(
                        of: .member(
                            of: .bytes(Array(bytes.prefix(length)), name: "cut"), MemberPattern(prefix: "data.tar")),
                        MemberPattern(prefix: "usr/src/linux-source-")), into: folder)
            }
        }
    }

    @Test(.enabled(if: hasTool("cpio"), "cpio is missing: apt-get install cpio")) func cpio() async throws {
        #expect(
            shell(
                "mkdir -p in/a out && echo x > in/a/b && cd in && find . | cpio -o -H newc > ../t.cpio",
                in: scratch.path) == 0)
        try await Extraction().unpack(.file(scratch.path.appending("t.cpio")), into: scratch.path.appending("out"))
        #expect(try Files.read(scratch.path.appending("out/a/b")) == Array("x\n".utf8))
    }

    @Test func cancellation() async throws {
        let folder = try scratch.folder("out")
        var tar = TarMaker()
        for index in 0..<3000 { tar.add("f\(index)", content: [UInt8](repeating: 1, count: 4000)) }
        let bytes = tar.finished
        let task = Task { try await Extraction().unpack(.bytes(bytes, name: "t"), into: folder) }
        task.cancel()
        do {
            _ = try await task.value
            Issue.record("it was not cancelled")
        } catch let error as ArchiveError {
            #expect(error.category == .interrupted)
        }
    }
}
