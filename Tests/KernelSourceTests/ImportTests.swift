import Archive
import Bytes
import Debian
import Diagnostics
import KernelModel
import KernelSource
import KernelTree
import SystemPackage
import Testing

@Suite struct ImportTests {
    let scratch: ImportScratch

    init() throws {
        scratch = try ImportScratch()
        try #require(scratch.makeKernel() == 0)
    }

    private func importing(_ name: String, into target: String = "tree") async throws -> ImportedTree {
        try await SourceImporter().importTree(
            from: try SourceLocation.detect(scratch.path.appending(name)), into: scratch.path.appending(target))
    }

    private func failure(_ name: String) async -> (any DiagnosedError)? {
        do {
            _ = try await importing(name)
            return nil
        } catch { return error as? any DiagnosedError }
    }

    /// Names, kinds, permissions and contents are the same.
    private func same(_ left: String, _ right: String) -> Bool {
        let list = "find . -mindepth 1 -printf '%P %m %y %l\\n' | LC_ALL=C sort"
        return scratch.shell(
            "diff -r --no-dereference \(left) \(right) && (cd \(left); \(list)) > l && (cd \(right); \(list)) > r && cmp l r"
        ) == 0
    }

    @Test(arguments: [
        "tar cf s linux-6.1", "tar cJf s linux-6.1", "tar czf s ./linux-6.1", "tar cf s -C linux-6.1 .",
        "mkdir -p usr/src && tar cJf usr/src/linux-source-6.1.tar.xz linux-6.1 && tar cJf data.tar.xz ./usr && echo 2.0 > debian-binary && ar q s debian-binary data.tar.xz",
        "cp -a linux-6.1 s",
    ])
    func everyForm(make: String) async throws {
        try #require(scratch.shell(make) == 0)
        let tree = try await importing("s")
        #expect(tree.version.description == "6.1.9-rc1")
        #expect(tree.files == 4)
        #expect(same("linux-6.1", "tree"))
        #expect(tree.warnings.isEmpty)
        let file = scratch.path.appending("s")
        #expect(tree.origin.inputs.map(\.digest) == (Files.isDirectory(file) ? [] : [try Digest(ofFile: file)]))
        #expect(try Files.list(scratch.path).filter { $0.hasPrefix(".") } == [])
    }

    @Test(arguments: [
        ("mkdir s", "Makefile"), ("mkdir s && echo all: > s/Makefile", "VERSION"),
        ("mkdir s && cp linux-6.1/Makefile s", "arch"), ("tar cf s linux-6.1/arch", "Makefile"),
        ("cp -a linux-6.1 linux-6.2 && tar cf s linux-6.1 linux-6.2", "several"),
        ("echo 2.0 > debian-binary && tar cf data.tar linux-6.1 && ar q s debian-binary data.tar", "linux-source"),
    ])
    func noKernels(make: String, hint: String) async throws {
        try #require(scratch.shell(make) == 0)
        let error = try #require(await failure("s"))
        #expect(error.category == .malformedInput)
        #expect(error.message.contains(hint), "\(error.message)")
        #expect(!Files.exists(scratch.path.appending("tree")))
        #expect(try Files.list(scratch.path).filter { $0.hasPrefix(".") } == [])
    }

    @Test func missingDamagedAndTaken() async throws {
        #expect(await failure("nothing")?.category == .missingInput)
        try #require(scratch.shell("tar cJf s linux-6.1 && truncate -s -20 s") == 0)
        #expect(await failure("s")?.category == .malformedInput)
        #expect(!Files.exists(scratch.path.appending("tree")))
        try #require(scratch.shell("tar cJf s linux-6.1 && mkdir tree && echo mine > tree/file") == 0)
        #expect(await failure("s")?.category == .cannotCreate)
        #expect(try Files.read(scratch.path.appending("tree/file")) == Array("mine\n".utf8))
    }

    @Test func cancellationLeavesNothing() async throws {
        try #require(
            scratch.shell(
                "cd linux-6.1/drivers && i=0; while [ $i -lt 3000 ]; do echo $i > f$i; i=$((i+1)); done; cd ../..; tar cf s linux-6.1"
            ) == 0)
        let location = try SourceLocation.detect(scratch.path.appending("s"))
        let target = scratch.path.appending("tree")
        let task = Task { try await SourceImporter().importTree(from: location, into: target) }
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
        #expect(!Files.exists(target))
        #expect(try Files.list(scratch.path).filter { $0.hasPrefix(".") } == [])
    }

    @Test func builtTreesAreNamed() async throws {
        try #require(scratch.shell("touch linux-6.1/.config") == 0)
        #expect(try await importing("linux-6.1").warnings.count == 1)
    }
}
