import Bytes
import Debian
import Diagnostics
import Glibc
import KernelSource
import KernelTree
import SystemPackage
import Testing

/// A real kernel source. `DOM0KIT_LINUX_SOURCE` names a `linux-source` package file or archive.
@Suite struct ImportRealTests {
    static var source: String? { getenv("DOM0KIT_LINUX_SOURCE").map { String(cString: $0) } }

    @Test(.enabled(if: source != nil, "DOM0KIT_LINUX_SOURCE names no kernel source"))
    func aWholeKernel() async throws {
        let scratch = try ImportScratch()
        let clock = ContinuousClock()
        let target = scratch.path.appending("tree")
        var start = clock.now
        let tree = try await SourceImporter().importTree(
            from: try SourceLocation.detect(FilePath(Self.source ?? "")), into: target)
        print("import of \(tree.version), \(tree.files) files: \(start.duration(to: clock.now))")
        #expect(tree.files > 10_000)
        start = clock.now
        let clone = scratch.path.appending("clone")
        #expect(try await TreeClone.make(target, at: clone) == tree.files)
        print("clone: \(start.duration(to: clock.now))")
        start = clock.now
        let mark = try await TreeFingerprint.of(target)
        print("fingerprint: \(start.duration(to: clock.now))")
        #expect(try await TreeFingerprint.of(clone) == mark)
        start = clock.now
        #expect(try await TreeFingerprint.of(target) == mark)
        print("fingerprint again: \(start.duration(to: clock.now))")
    }
}
