import Patching
import TestSupport
import Testing

/// The git policy against the real git apply, case by case.
@Suite(.enabled(if: hasTool("git"), "git is not on this machine: apt-get install git"))
struct GitCaseTests {
    /// Where the engine is stricter than git, or takes what git does not, and why.
    static let differences = [
        "hunk with too many lines": "its counts are wrong: what is too much would be dropped",
        "double slashes": "read as one slash, as by GNU patch",
        "no newline in the middle, new": "two lines would become one",
        "backslash first in the hunk": "it belongs to no line",
        "a file of the kit's own": "it would be taken for the kit's",
        "name with a NUL byte": "no file has such a name",
    ]

    @Test(arguments: PatchCase.all)
    func comparesWithGitApply(_ example: PatchCase) throws {
        let scratch = try Scratch()
        for (name, text) in example.tree { try scratch.file("tree/" + name, text) }
        if example.tree.isEmpty { _ = try scratch.folder("tree") }
        let patch = try scratch.file("x.patch", example.patch)
        let real = try run(
            "git", ["apply", "--whitespace=nowarn", "-p\(example.strip)", patch.string],
            in: scratch.path.appending("tree"), environment: ["GIT_CEILING_DIRECTORIES": scratch.path.string])
        let files = example.tree.mapValues { Array($0.utf8) }
        let input = PatchInput(name: "x.patch", bytes: Array(example.patch.utf8), strip: example.strip)
        var applied: AppliedSeries?
        var malformed: PatchError?
        do {
            applied = try SeriesApplication.run(patches: [input], on: memoryTree(files), policy: .git)
        } catch let error as PatchError {
            malformed = error
        }
        let isApplied = applied?.report.failures.isEmpty == true
        let ours = malformed?.message ?? applied?.report.failure?.message ?? "applied"
        guard Self.differences[example.name] == nil else {
            // A difference that has gone is to be taken off the list.
            #expect(isApplied != (real.status == 0), "\(real.text)\n\(ours)")
            return
        }
        #expect(isApplied == (real.status == 0), "git: \(real.status) \(real.text)\nours: \(ours)")
        guard isApplied, real.status == 0, let applied else { return }
        var there: [String: [UInt8]] = [:]
        let list = try run("find", [".", "-type", "f", "-printf", "%P\\n"], in: scratch.path.appending("tree"))
        for name in String(decoding: list.output, as: UTF8.self).split(separator: "\n") {
            there[String(name)] = try scratch.read("tree/" + name)
        }
        var result = applied.result(on: files)
        for change in applied.changes where change.after?.kind == .symbolicLink { result[change.path.string] = nil }
        #expect(result == there, "\(real.text)")
    }
}
