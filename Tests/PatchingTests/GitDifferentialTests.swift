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
    /// A consumer, called by its exact command line in the folder of the tree.
    struct Judge: Sendable, CustomTestStringConvertible {
        let policy: PlacementPolicy
        var testDescription: String { command }

        /// The command line; where rejects and backups go is not part of the rules.
        var command: String {
            let command = policy.command ?? ""
            return command.hasPrefix("git") ? command + " --whitespace=nowarn" : command + " -B .pc/x/ -r -"
        }
    }

    static let judges = Consumer.allCases.map { Judge(policy: $0.policy) }

    /// What the tree is when the patch comes.
    enum State: CaseIterable {
        /// As the patch was made from, moved on a little.
        case old
        /// As the patch makes it: it is taken back.
        case new
        /// Some files as before the patch, some as behind it.
        case mixed
        /// All files as behind it.
        case applied
    }

    @Test(arguments: judges, State.allCases) func sameTree(judge: Judge, state: State) throws {
        let reverse = state == .new
        var applied = 0
        let cases = DifferentialTests.cases / 6
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
            let files =
                switch state {
                case .old: random.moved
                case .new, .applied: random.new
                case .mixed: random.mixed
                }
            try RandomTree.write(files, "tree", scratch)
            let real = scratch.shell(
                "cd tree && GIT_CEILING_DIRECTORIES='\(scratch.path)' \(judge.command) \(reverse ? "-R" : "") < ../x.patch > ../said 2>&1"
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
            // Wanted: GNU patch takes a pure copy back by doing nothing, and overwrites what has the new name of a file.
            if real == 0, judge.policy.search == .gnu {
                switch ours.report.failure?.reason {
                case .formatRefused, .targetExists: continue
                default: break
                }
            }
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
        if state == .old || state == .new { #expect(applied > cases / 8, "only \(applied) of \(cases) applied") }
    }
}
