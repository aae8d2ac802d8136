import Bytes
import Foundation
import KernelTree
import Patching
import Series
import SystemPackage
import TestSupport
import Testing

/// A series on a tree, once by the engine and once by patch(1): the folders `ours` and `theirs` in a scratch folder are
/// the same before, and have to be afterwards.
struct SameTree {
    let scratch: Scratch
    let patches: [PatchInput]
    let policy: PlacementPolicy

    /// Applies the series twice.
    /// - Parameter options: The options of patch(1).
    /// - Returns: How many files the engine changed.
    func check(options: String) throws -> Int {
        let ours = scratch.path.appending("ours")
        let applied = try TreeTransaction(in: ours, workers: 2).apply(patches.map { PatchSource($0) }, policy: policy)
        #expect(applied.report.failure == nil, "\(applied.report.failure?.message ?? "")")
        // Compressed patches and levels of their own are for the engine's reader; here they are plain.
        for (index, patch) in patches.enumerated() { try scratch.file("plain/\(index)", patch.blob.bytes) }
        let theirs = try run(
            "sh",
            [
                "-c",
                """
                cd theirs; for n in $(seq 0 \(patches.count - 1)); do
                    patch -s \(options) < ../plain/$n || exit 1
                    rm -rf .pc
                done
                """,
            ], in: scratch.path)
        #expect(theirs.status == 0, "\(theirs.text)")
        #expect(scratch.shell("diff -r --no-dereference ours theirs") == 0)
        let modes = "find . ! -type d -printf '%P %y %m\\n' | sort"
        #expect(scratch.shell("(cd ours; \(modes)) > a; (cd theirs; \(modes)) > b; cmp a b") == 0)
        return applied.changedPaths.count
    }
}

/// A public series on its kernel, as its distribution applies it: `DOM0KIT_CORPUS_TREE` names the unpacked kernel,
/// `DOM0KIT_CORPUS_SERIES` the series. openSUSE's of 2.6.31 and 2.6.32 were tried.
@Suite struct SeriesCorpusTests {
    private static func variable(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }
    private static let tree = variable("DOM0KIT_CORPUS_TREE")
    private static let series = variable("DOM0KIT_CORPUS_SERIES")

    @Test(
        .enabled(
            if: tree != nil && series != nil && hasTool("patch"),
            "DOM0KIT_CORPUS_TREE and DOM0KIT_CORPUS_SERIES name no kernel with a series"))
    func sameTreeAsPatch() throws {
        let scratch = try Scratch()
        let tree = Self.tree ?? ""
        try #require(scratch.shell("cp -a '\(tree)' ours && cp -al ours theirs && cp -al ours before") == 0)
        let path = FilePath(Self.series ?? "")
        let patches = try SeriesReader().read(path).load().inputs
        let changed = try SameTree(scratch: scratch, patches: patches, policy: .suse)
            .check(options: "-F0 -E -p1 --no-backup-if-mismatch")
        // The tree that shares its files with both is as it was.
        #expect(scratch.shell("diff -r --no-dereference '\(tree)' before") == 0)
        print("\(patches.count) patches, \(changed) files")
    }
}
