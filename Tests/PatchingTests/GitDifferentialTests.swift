import Foundation
import Glibc
import Patching
import SystemPackage
import TestSupport
import Testing

extension FilePath {
    /// Sets the permissions of a file.
    func setMode(_ mode: mode_t) throws {
        guard chmod(string, mode) == 0 else { throw Errno(rawValue: errno) }
    }
}

/// Patches of git with moves, copies, modes, files that come and go: against git apply and patch(1).
@Suite(.enabled(if: hasTools("git", "patch"), "git or patch is missing: apt-get install git patch"))
struct GitDifferentialTests {
    /// A consumer and how it is called in the folder of the tree.
    struct Judge: Sendable, CustomTestStringConvertible {
        let policy: PlacementPolicy
        let command: String
        var testDescription: String { command }
    }

    static let judges = [
        Judge(
            policy: .dpkg,
            command: "patch -s -t -F 0 -N -p1 -u -V never -E -b -B .pc/x/ --reject-file=-"),
        Judge(policy: .rpm, command: "patch -p1 -s --fuzz=0 --no-backup-if-mismatch -f -r -"),
        Judge(policy: .git, command: "git apply --whitespace=nowarn"),
        Judge(policy: .gnu, command: "patch -s -f -p1 -F2 --no-backup-if-mismatch -r -"),
        Judge(policy: .suse, command: "patch -s -f -p1 -F0 -E --no-backup-if-mismatch -r -"),
    ]

    @Test(arguments: judges, [false, true]) func sameTree(judge: Judge, reverse: Bool) throws {
        var applied = 0
        let cases = DifferentialTests.cases / 3
        for seed in DifferentialTests.start..<DifferentialTests.start + UInt64(cases) {
            let random = RandomTree(seed: seed &* 7919)
            let scratch = try Scratch()
            try RandomTree.write(random.old, "a", scratch)
            try RandomTree.write(random.new, "b", scratch)
            let diff = try run(
                "git",
                ["diff", "--no-index", "--no-prefix", "--binary", "-M", "-C", "--find-copies-harder", "a", "b"],
                in: scratch.path)
            guard !diff.output.isEmpty else { continue }
            // Names of moves carry no prefix; here they have the folder's.
            let text = String(decoding: diff.output, as: UTF8.self)
                .replacing("rename from a/", with: "rename from ").replacing("rename to b/", with: "rename to ")
                .replacing("copy from a/", with: "copy from ").replacing("copy to b/", with: "copy to ")
            try scratch.file("x.patch", text)
            let files = reverse ? random.new : random.moved
            try RandomTree.write(files, "tree", scratch)
            let real = scratch.shell(
                "cd tree && GIT_CEILING_DIRECTORIES='\(scratch.path)' \(judge.command) \(reverse ? "-R" : "") < ../x.patch"
            )
            var tree = MemoryTree()
            for (name, file) in files {
                if let path = RelativePath(name) {
                    tree.files[path] = TreeFile(
                        permissions: file.isExecutable ? 0o755 : 0o644, content: Blob(file.content))
                }
            }
            let input = PatchInput(name: "x.patch", bytes: Array(text.utf8), reverse: reverse)
            let ours = try SeriesApplication.run(patches: [input], on: tree, policy: judge.policy)
            let said: Comment =
                "seed \(seed), \(real)\n\(text)\n\(files.mapValues(\.lines))\n\(ours.report.failure?.message ?? "applied")"
            // GNU patch takes a pure copy back by doing nothing.
            if reverse, real == 0, case .formatRefused? = ours.report.failure?.reason { continue }
            #expect(ours.report.failures.isEmpty == (real == 0), said)
            guard real == 0, ours.report.failures.isEmpty else { continue }
            applied += 1
            for change in ours.changes { tree.files[change.path] = change.after }
            let list = try run(
                "find", [".", "-path", "./.pc", "-prune", "-o", "-type", "f", "-printf", "%P %m\\n"],
                in: scratch.path.appending("tree"))
            let want = String(decoding: list.output, as: UTF8.self).split(separator: "\n").map(String.init).sorted()
            let have = tree.files.map { "\($0.key.string) \(String($0.value.permissions, radix: 8))" }.sorted()
            #expect(have == want, said)
            for (path, file) in tree.files {
                let content = try? scratch.read("tree/" + path.string)
                #expect(content == file.content.bytes, "\(path) \(said)")
            }
        }
        #expect(applied > cases / 8, "only \(applied) of \(cases) applied")
    }
}
