import Bytes
import Diagnostics
import Foundation
import KernelBuild
import Patching
import Pipeline
import Series
import SystemPackage
import TestSupport
import Testing

/// Series that make a tree of another age build on a machine of today.
@Suite struct HostPreparationTests {
    private static let kit = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()

    private static var environment: BuildEnvironment {
        let variables = ProcessInfo.processInfo.environment
        return BuildEnvironment(
            architecture: "x86_64", epoch: 0, searchPath: variables["PATH"] ?? "/usr/bin:/bin", passed: [:])
    }

    private func load(_ series: FilePath) throws -> LoadedSeries {
        try SeriesReader().read(series).load(workers: 1)
    }

    private func change(_ scratch: Scratch, _ name: String, _ old: String, _ new: String) throws {
        let patch = "--- a/file\n+++ b/file\n@@ -1,3 +1,3 @@\n one\n-\(old)\n+\(new)\n three\n"
        try scratch.file("series/\(name)", patch)
    }

    @Test func aPatchWhoseChangeIsThereIsLeftOut() throws {
        let scratch = try Scratch()
        try scratch.file("tree/file", "one\nTWO\nthree\n")
        try change(scratch, "a.patch", "two", "TWO")
        try change(scratch, "b.patch", "TWO", "2")
        try scratch.file("series/series", "a.patch\nb.patch\n")
        var prepared = HostPreparation(tree: scratch.path.appending("tree"), jobs: 1, environment: Self.environment)
        let failure = try prepared.apply(
            try load(scratch.path.appending("series")), named: "host", policy: .standard)
        #expect(failure == nil)
        #expect(prepared.notes == ["host/a.patch is left out: the tree has the change already"])
        #expect(prepared.patches.map(\.verdict) == ["alreadyApplied", "clean"])
        #expect(prepared.summary == "; 1 patch for this host, 1 left out")
        #expect(try Files.read(scratch.path.pushing("tree/file")) == Array("one\n2\nthree\n".utf8))
    }

    @Test func oneThatDoesNotApplyFails() throws {
        let scratch = try Scratch()
        try scratch.file("tree/file", "one\nother\nthree\n")
        try change(scratch, "a.patch", "two", "TWO")
        try scratch.file("series/series", "a.patch\n")
        var prepared = HostPreparation(tree: scratch.path.appending("tree"), jobs: 1, environment: Self.environment)
        let failure = try prepared.apply(
            try load(scratch.path.appending("series")), named: "host", policy: .standard)
        #expect(failure?.message.contains("a.patch") == true)
        #expect(prepared.notes.isEmpty)
    }

    @Test(.enabled(if: hasTool("make"), "needs make"))
    func aTreeThatWasBuiltInIsCleaned() async throws {
        let scratch = try Scratch()
        try scratch.file("tree/Makefile", "mrproper:\n\t@rm .config; echo $(ARCH) > arch\n")
        var prepared = HostPreparation(tree: scratch.path.appending("tree"), jobs: 1, environment: Self.environment)
        try await prepared.clean(NoProgress())
        #expect(prepared.notes.isEmpty)
        try scratch.file("tree/.config", "CONFIG_A=y\n")
        try await prepared.clean(NoProgress())
        #expect(prepared.notes == ["the tree was built in (.config) and is cleaned: make mrproper"])
        #expect(!Files.exists(scratch.path.pushing("tree/.config")))
        #expect(try Files.read(scratch.path.pushing("tree/arch")) == Array("x86_64\n".utf8))
        // One that cannot be cleaned is no tree to build.
        try scratch.file("tree/Makefile", "mrproper:\n\t@echo no way >&2; false\n")
        try scratch.file("tree/.config", "CONFIG_A=y\n")
        let error = await #expect(throws: BuildError.self) { try await prepared.clean(NoProgress()) }
        #expect(error?.message.contains("no way") == true)
    }

    static let series =
        (try? Files.list(kit.appending("Patches")).filter { $0.hasPrefix("host-") || $0.hasPrefix("compat-") }) ?? []

    /// Every series applies to what its own hunks were made from, cleanly, and then is there already. Each patch says what
    /// it cures, and is signed.
    @Test(arguments: series) func aSeriesOfTheKit(name: String) throws {
        let folder = Self.kit.appending("Patches").appending(name)
        let series = try load(folder)
        #expect(series.patches.count > (name.hasPrefix("host-") ? 4 : 1))
        let numbers = series.patches.map(\.entry.name)
        for (index, patch) in series.patches.enumerated() {
            let text = String(decoding: patch.blob.bytes, as: UTF8.self)
            #expect(
                text.hasPrefix(
                    "From: Dom0Kit <maintainers@dom0kit.invalid>\nSubject: [PATCH \(index + 1)/\(numbers.count)] "))
            #expect(text.contains("\nSigned-off-by: Dom0Kit <maintainers@dom0kit.invalid>\n---\n"))
            let scratch = try Scratch()
            try Self.excerpts(of: text, in: scratch)
            try scratch.file("one/only.patch", text)
            try scratch.file("one/series", "only.patch\n")
            let one = try load(scratch.path.appending("one"))
            for expected in ["clean", "alreadyApplied"] {
                var prepared = HostPreparation(
                    tree: scratch.path.appending("tree"), jobs: 1, environment: Self.environment)
                let failure = try prepared.apply(one, named: name, policy: .standard)
                #expect(failure == nil, "\(patch.entry.name): \(failure?.message ?? "")")
                #expect(prepared.patches.map(\.verdict) == [expected], "\(patch.entry.name)")
            }
        }
    }

    /// Files with the lines that a patch's hunks expect, where they expect them; other lines are made up.
    private static func excerpts(of patch: String, in scratch: Scratch) throws {
        var files: [String: [String]] = [:]
        var file = ""
        for line in patch.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("--- a/") {
                file = String(line.dropFirst(6))
                files[file] = []
            } else if line.hasPrefix("@@ -"), let start = Int(line.dropFirst(4).prefix { $0.isNumber }) {
                var lines = files[file] ?? []
                while lines.count < start - 1 { lines.append("line \(lines.count)") }
                files[file] = lines
            } else if !file.isEmpty, line.hasPrefix(" ") || (line.hasPrefix("-") && !line.hasPrefix("--- ")) {
                files[file]?.append(String(line.dropFirst()))
            }
        }
        for (name, lines) in files { try scratch.file("tree/\(name)", lines.map { $0 + "\n" }.joined()) }
    }
}
