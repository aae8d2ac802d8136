import Bytes
import Diagnostics
import FoundationEssentials
import SystemPackage

/// What a stage came to.
package struct StageOutput<Value: Codable & Sendable>: Sendable {
    /// The stage's own result.
    package var value: Value
    /// How it went.
    package var verdict: Verdict
    /// One line on it.
    package var summary: String
    /// Files it made, relative to the work folder.
    package var artefacts: [FilePath] = []

    /// Describes an outcome.
    package init(value: Value, verdict: Verdict, summary: String, artefacts: [FilePath] = []) {
        self.value = value
        self.verdict = verdict
        self.summary = summary
        self.artefacts = artefacts
    }
}

/// Everything a stage's result depends on, by name: a hash, a version, or the value itself.
package typealias StageInputs = [String: String]

extension StageInputs {
    /// One hash of all of them.
    var key: String {
        Digest(of: sorted { $0.key < $1.key }.map { "\($0.key)=\(Digest(of: $0.value).hex)\n" }.joined()).hex
    }
}

/// A stage's result as it is kept between runs, in `WORK/stages/STAGE.json`.
struct StageRecord<Value: Codable & Sendable>: Codable, Sendable {
    var summary: StageSummary
    var value: Value
    /// The SHA-256 of the record with this field empty: a record that was damaged or edited shows.
    var digest = ""

    init(summary: StageSummary, value: Value) {
        self.summary = summary
        self.value = value
    }

    /// The record as it is stored.
    func sealed() throws -> [UInt8] {
        var sealed = self
        sealed.digest = try ownDigest()
        return try sealed.bytes()
    }

    /// Whether it is as it was stored.
    var isWhole: Bool { (try? ownDigest()) == digest }

    private func ownDigest() throws -> String {
        var open = self
        open.digest = ""
        return Digest(of: try open.bytes()).hex
    }

    private func bytes() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}

/// Keeps stages' results, and takes them from there when nothing they depend on has changed.
package struct StageCache: Sendable {
    /// The work folder.
    package let work: FilePath

    /// Keeps results in a work folder.
    package init(work: FilePath) { self.work = work }

    private var folder: FilePath { work.appending("stages") }

    private func path(_ stage: Stage) -> FilePath { folder.appending(stage.rawValue + ".json") }

    /// Runs a stage, or takes its earlier result.
    /// - Parameters:
    ///   - stage: The stage.
    ///   - inputs: All it depends on.
    ///   - stillThere: Says what of an earlier result is gone or was touched; `nil` if it can be used.
    ///   - body: Does the work; its inputs' names that changed come along for the log.
    package func run<Value>(
        _ stage: Stage, inputs: StageInputs,
        stillThere: (Value) async throws -> String? = { _ in nil },
        body: (_ reason: String) async throws -> StageOutput<Value>
    ) async throws -> (summary: StageSummary, value: Value) {
        var inputs = inputs
        inputs["stage version"] = "\(stage.rawValue)/\(stage.version)"
        let earlier: StageRecord<Value>? = load(stage)
        let reason: String
        if let earlier {
            if let changed = Self.difference(earlier.summary.inputs, inputs) {
                reason = changed
            } else if let damage = try await damaged(earlier, stillThere) {
                reason = damage
            } else {
                let summary = StageSummary(
                    name: stage, verdict: earlier.summary.verdict, seconds: earlier.summary.seconds, cached: true,
                    key: inputs.key, inputs: inputs,
                    reason: "nothing changed", summary: earlier.summary.summary, artefacts: earlier.summary.artefacts)
                return (summary, earlier.value)
            }
        } else {
            reason =
                Files.exists(path(stage))
                ? "the record of the earlier result is damaged or was edited" : "no earlier result"
        }
        // A stage that is under way has no record: an interrupted run never looks like a finished one.
        try Files.remove(path(stage))
        let start = ContinuousClock.now
        let output = try await body(reason)
        let summary = StageSummary(
            name: stage, verdict: output.verdict, seconds: (ContinuousClock.now - start).inSeconds, cached: false,
            key: inputs.key, inputs: inputs, reason: reason, summary: output.summary,
            artefacts: try output.artefacts.map {
                Artefact(path: $0.string, sha256: try Digest(ofFile: work.pushing($0)).hex)
            })
        // Failures are not kept: the next run tries again and shows them again.
        if output.verdict != .fail {
            try store(StageRecord(summary: summary, value: output.value), stage)
        }
        return (summary, output.value)
    }

    /// An earlier result whatever it depended on, if there is one that is as it was stored.
    func load<Value>(_ stage: Stage) -> StageRecord<Value>? {
        // A record that cannot be read is one of another version or a torn one: the stage runs again.
        guard let content = try? Files.read(path(stage)) else { return nil }
        let record = try? JSONDecoder().decode(StageRecord<Value>.self, from: Data(content))
        return record.flatMap { $0.isWhole ? $0 : nil }
    }

    private func store<Value>(_ record: StageRecord<Value>, _ stage: Stage) throws {
        try Files.createDirectories(folder)
        try Files.write(try record.sealed(), to: path(stage))
    }

    private func damaged<Value>(
        _ record: StageRecord<Value>, _ stillThere: (Value) async throws -> String?
    ) async throws -> String? {
        if let damage = try damage(record.summary.artefacts) { return damage }
        return try await stillThere(record.value)
    }

    private func damage(_ artefacts: [Artefact]) throws -> String? {
        for artefact in artefacts {
            let path = work.pushing(FilePath(artefact.path))
            guard Files.isRegular(path) else { return "\(artefact.path) is gone" }
            guard try Digest(ofFile: path).hex == artefact.sha256 else { return "\(artefact.path) was changed" }
        }
        return nil
    }

    /// Names what differs; `nil` if nothing does.
    private static func difference(_ old: StageInputs, _ new: StageInputs) -> String? {
        let names = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
        guard let first = names.first else { return nil }
        let verb = old[first] == nil ? "is new" : new[first] == nil ? "is gone" : "changed"
        return names.count == 1 ? "\(first) \(verb)" : "\(first) \(verb), and \(names.count - 1) more"
    }
}

extension Duration {
    /// The duration as a number of seconds, to the millisecond.
    var inSeconds: Double {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        return Double(milliseconds) / 1000
    }
}
