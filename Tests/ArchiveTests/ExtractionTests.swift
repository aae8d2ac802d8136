import Archive
import Bytes
import Diagnostics
import SystemPackage
import TestSupport
import Testing

@Suite struct ExtractionTests {
    let scratch: Scratch
    let target: FilePath

    init() throws {
        scratch = try Scratch()
        target = try scratch.folder("outer/target")
    }

    private func unpack(_ tar: TarMaker, merging: Bool = false) async throws -> Extraction.Result {
        var extraction = Extraction()
        extraction.merging = merging
        return try await extraction.unpack(.bytes(tar.finished, name: "test.tar"), into: target)
    }

    private func refusal(_ tar: TarMaker) async throws -> ArchiveError? {
        do {
            _ = try await unpack(tar)
            return nil
        } catch let error as ArchiveError {
            #expect(try Files.list(scratch.path) == ["outer"])
            #expect(try Files.list(scratch.path.appending("outer")) == ["target"])
            return error
        }
    }

    @Test func filesFoldersAndLinks() async throws {
        var tar = TarMaker()
        tar.add("top/", type: "5", mode: 0o755)
        tar.add("top/a", content: Array("hello".utf8), mode: 0o600)
        tar.add("./top//run", content: [1, 2, 3], mode: 0o755)
        tar.add("top/link", type: "2", link: "a")
        tar.add("top/deep/er/up", type: "2", link: "../../a")
        tar.add("top/hard", type: "1", link: "top/a")
        let result = try await unpack(tar)
        #expect(result == Extraction.Result(files: 3, links: 2, bytes: 8))
        #expect(try Files.read(target.appending("top/a")) == Array("hello".utf8))
        #expect(try Files.read(target.appending("top/hard")) == Array("hello".utf8))
        #expect(try Files.read(target.appending("top/deep/er/up")) == Array("hello".utf8))
        #expect(shell("test $(stat -c %a top/run) = 755 -a $(stat -c %Y top/a) = 1600000000", in: target) == 0)
    }

    @Test func laterEntriesWin() async throws {
        var tar = TarMaker()
        tar.add("a", content: Array("one".utf8))
        tar.add("b", type: "1", link: "a")
        tar.add("a", content: Array("two".utf8))
        _ = try await unpack(tar)
        #expect(try Files.read(target.appending("a")) == Array("two".utf8))
        #expect(try Files.read(target.appending("b")) == Array("one".utf8))
    }

    @Test(arguments: ["../evil", "a/../../evil", "/evil", "..", "a/.."])
    func namesThatLeaveTheTree(name: String) async throws {
        var tar = TarMaker()
        tar.add(name, content: [1])
        let error = try #require(try await refusal(tar))
        #expect(error.category == .malformedInput)
        #expect(error.message.contains("test.tar") && error.message.contains(name))
    }

    /// A name cannot make a message of two lines, of which the second would be taken for the kit's.
    @Test func aNameOfTwoLines() async throws {
        var tar = TarMaker()
        tar.add("../x\npass: everything is well", content: [1])
        let error = try #require(try await refusal(tar))
        #expect(!error.message.contains("\n"))
        #expect(error.message.contains("'../x\\npass: everything is well'"))
    }

    @Test(arguments: [
        ("x", "../out"), ("x", "/etc/passwd"), ("d/x", "../../out"), ("d/x", "e/../../../out"),
    ])
    func symlinksThatLeaveTheTree(name: String, link: String) async throws {
        var tar = TarMaker()
        tar.add(name, type: "2", link: link)
        let error = try #require(try await refusal(tar))
        #expect(error.message.contains("'\(name)'"))
    }

    @Test func symlinksThatLeaveTogether() async throws {
        var tar = TarMaker()
        tar.add("deep/down/here/", type: "5")
        tar.add("hop", type: "2", link: "deep/down/here")
        tar.add("deep/down/here/back", type: "2", link: "../../../hop")
        _ = try await unpack(tar)
        tar.add("deep/down/here/out", type: "2", link: "../../../hop/../../../../out")
        #expect(try await refusal(tar) != nil)
    }

    @Test func hardLinkOfASymlinkCountsFromItsOwnFolder() async throws {
        var tar = TarMaker()
        tar.add("a/b/l", type: "2", link: "../../x")
        tar.add("m", type: "1", link: "a/b/l")
        #expect(try await refusal(tar) != nil)
    }

    @Test func nothingIsWrittenThroughASymlink() async throws {
        try scratch.file("outer/victim/keep", [1])
        var tar = TarMaker()
        tar.add("way", type: "2", link: "../victim")
        tar.add("way/keep", content: [2])
        await #expect(throws: ArchiveError.self) { try await unpack(tar) }
        #expect(try Files.read(scratch.path.appending("outer/victim/keep")) == [1])
        var direct = TarMaker()
        direct.add("file", type: "2", link: "../victim/keep")
        direct.add("file", content: [3])
        _ = try await unpack(direct, merging: true)
        #expect(try Files.read(scratch.path.appending("outer/victim/keep")) == [1])
        #expect(try Files.read(target.appending("file")) == [3])
    }

    @Test(arguments: [("1", "../a"), ("1", "/etc/passwd"), ("1", "missing/a"), ("3", ""), ("4", ""), ("6", "")])
    func linksAndDevices(type: String, link: String) async throws {
        var tar = TarMaker()
        tar.add("x", type: Character(type), link: link)
        #expect(try await refusal(tar) != nil)
    }

    @Test func truncatedArchives() async throws {
        var tar = TarMaker()
        tar.add("a", content: [UInt8](repeating: 7, count: 5000))
        for length in [0, 100, 512, 600, 3000] {
            await #expect(throws: ArchiveError.self) {
                try await Extraction().unpack(
                    .bytes(Array(tar.finished.prefix(length)), name: "short.tar"), into: target)
            }
        }
    }

    @Test func limits() async throws {
        var tar = TarMaker()
        tar.add("a", content: [UInt8](repeating: 7, count: 5000))
        tar.add("b", content: [1])
        var extraction = Extraction()
        extraction.limits.bytes = 5000
        await #expect(throws: ArchiveError.self) {
            try await extraction.unpack(.bytes(tar.finished, name: "t"), into: target)
        }
        extraction.limits = ArchiveLimits(entries: 1)
        await #expect(throws: ArchiveError.self) {
            try await extraction.unpack(.bytes(tar.finished, name: "t"), into: target)
        }
        var huge = TarMaker()
        huge.add("a", declaredSize: 0o77777777777)
        await #expect(throws: ArchiveError.self) { try await unpack(huge) }
    }

    @Test func missingAndUnreadable() async throws {
        do {
            try await Extraction().unpack(.file("/nowhere/x.tar"), into: target)
            Issue.record("a missing archive was unpacked")
        } catch let error as ArchiveError {
            #expect(error.category == .missingInput)
        }
        await #expect(throws: ArchiveError.self) {
            try await Extraction().unpack(.bytes(Array("no archive at all".utf8), name: "t"), into: target)
        }
    }

    @Test func sameTreeAsTar() async throws {
        let made = shell(
            """
            mkdir -p src/sub/dir src/empty && echo a > src/a && echo b > src/sub/b && chmod 755 src/a &&
            ln -s ../a src/sub/l && ln src/sub/b src/hard && head -c 700000 /dev/urandom > src/sub/dir/big &&
            : > src/none && printf x > "$(printf 'src/caf\\351')" && mkdir want && tar cJf t.tar.xz src && tar czf t.tar.gz src &&
            tar cjf t.tar.bz2 src && tar cf t.tar src && tar --format=pax -cf t.pax src && tar xf t.tar -C want
            """, in: scratch.path)
        #expect(made == 0)
        for name in ["t.tar", "t.tar.xz", "t.tar.gz", "t.tar.bz2", "t.pax"] {
            let folder = try scratch.folder("got-\(name)")
            try await Extraction().unpack(.file(scratch.path.appending(name)), into: folder)
            let list = "find . -printf '%P %m %y %l %Ts\\n' | sort | grep -av '^ '"
            #expect(
                shell(
                    "diff -r --no-dereference want got-\(name) && (cd want; \(list)) > w && (cd got-\(name); \(list)) > g && cmp w g",
                    in: scratch.path) == 0, "\(name)")
        }
    }
}
