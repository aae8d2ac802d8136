import Bytes
import Diagnostics
import Foundation
import Pipeline
import SystemPackage
import Testing

@Suite struct StageCacheTests {
    private let work = FilePath(NSTemporaryDirectory()).appending("dom0kit-cache-\(UUID().uuidString)")

    /// Runs the stage once; the value says how often the body ran by then.
    private func run(
        _ inputs: [String: String], count: inout Int, verdict: Verdict = .pass, interrupted: Bool = false
    ) async throws -> StageSummary {
        let next = count + 1
        let (summary, _) = try await StageCache(work: work).run(.build, inputs: inputs) { _ in
            try Files.write("image \(next)", to: work.appending("image"))
            if interrupted { throw CancellationError() }
            return StageOutput(value: next, verdict: verdict, summary: "", artefacts: ["image"])
        }
        if !summary.cached { count = next }
        return summary
    }

    @Test func runsAgainOnlyWhenSomethingChangedAndSaysWhat() async throws {
        try Files.createDirectories(work)
        defer { try? Files.remove(work) }
        var count = 0
        #expect(try await run(["patch a": "1"], count: &count).reason == "no earlier result")
        #expect(try await run(["patch a": "1"], count: &count).cached)
        #expect(try await run(["patch a": "2"], count: &count).reason == "patch a changed")
        #expect(try await run(["patch a": "2", "patch b": "1"], count: &count).reason == "patch b is new")
        #expect(try await run(["patch b": "1"], count: &count).reason == "patch a is gone")
        #expect(count == 4)
    }

    @Test func anArtefactThatWasTouchedIsMadeAgain() async throws {
        try Files.createDirectories(work)
        defer { try? Files.remove(work) }
        var count = 0
        _ = try await run(["a": "1"], count: &count)
        try Files.write("another image", to: work.appending("image"))
        #expect(try await run(["a": "1"], count: &count).reason == "image was changed")
        try Files.remove(work.appending("image"))
        #expect(try await run(["a": "1"], count: &count).reason == "image is gone")
        #expect(count == 3)
    }

    @Test func failuresAndInterruptionsAreNotKept() async throws {
        try Files.createDirectories(work)
        defer { try? Files.remove(work) }
        var count = 0
        _ = try await run(["a": "1"], count: &count, verdict: .fail)
        #expect(try await !run(["a": "1"], count: &count).cached)
        await #expect(throws: CancellationError.self) { try await run(["a": "2"], count: &count, interrupted: true) }
        #expect(try await run(["a": "1"], count: &count).reason == "no earlier result")
    }

    @Test func aTornRecordCountsAsNone() async throws {
        try Files.createDirectories(work)
        defer { try? Files.remove(work) }
        var count = 0
        _ = try await run(["a": "1"], count: &count)
        try Files.write("{\"inputs\":", to: work.appending("stages").appending("build.json"))
        #expect(try await run(["a": "1"], count: &count).reason.contains("damaged or was edited"))
    }

    @Test("a record that was edited is noticed, whatever was edited")
    func edited() async throws {
        try Files.createDirectories(work)
        defer { try? Files.remove(work) }
        var count = 0
        _ = try await run(["a": "1"], count: &count)
        let path = work.appending("stages").appending("build.json")
        let text = String(decoding: try Files.read(path), as: UTF8.self)
        #expect(text.contains("\"pass\""))
        try Files.write(text.replacing("\"pass\"", with: "\"warn\""), to: path)
        let again = try await run(["a": "1"], count: &count)
        #expect(!again.cached && again.reason.contains("edited"))
        #expect(try await run(["a": "1"], count: &count).cached)
    }
}
