import Bytes
import Foundation
import Patching
import SystemPackage
import TestSupport
import Testing

/// A tree, a patch, what patch(1) and git apply made of them, and how the engine compares: a folder of `Fixtures`, whose
/// form is described in `Fixtures/renew`.
struct PatchCase: Sendable, CustomTestStringConvertible {
    /// How the engine compares with patch(1).
    enum Expectation: Sendable, Equatable {
        /// Both apply it, with the same tree after it.
        case applied
        /// Neither applies it.
        case refused
        /// Both apply it, with the same tree; the engine warns about ignored text.
        case warned
        /// patch(1) ends with 0; the engine refuses it for this reason (a difference that is wanted).
        case stricter(code: String)
        /// Both apply it; the engine gives ``PatchCase/ours``, which is wanted.
        case differs
    }

    /// A tree as the tests compare it.
    struct Tree: Sendable, Equatable {
        var files: [String: [UInt8]] = [:]
        var executables: Set<String> = []
        var links: [String: String] = [:]
    }

    /// What a tool made of it.
    struct Golden: Sendable {
        let status: Int
        /// The tree, where the status is 0.
        let tree: Tree
    }

    let name: String
    let tree: [String: [UInt8]]
    let patch: [UInt8]
    let strip: Int
    let policy: PlacementPolicy
    let expectation: Expectation
    /// The engine's tree, where it is another one than that of patch(1).
    let ours: Tree
    /// What patch(1) made of it.
    let golden: Golden
    /// What git apply made of it.
    let git: Golden
    /// Why the engine, with git's policy, takes what git refuses or refuses what git takes; `nil` where it does neither.
    let gitDifference: String?

    var testDescription: String { name }
}

extension PatchCase {
    /// The folder of all cases.
    static let folder = JSONSchemas.checkout.pushing("Tests/PatchingTests/Fixtures")

    /// All of them; a folder that cannot be read is an error of the first test that needs one.
    static let all: [PatchCase] = {
        do {
            return try Files.list(folder).filter { Files.isDirectory(folder.appending($0)) }.sorted().map {
                try PatchCase(folder.appending($0))
            }
        } catch {
            Issue.record("the cases cannot be read: \(error)")
            return []
        }
    }()

    /// A folder that is not a case.
    struct Malformed: Error, CustomStringConvertible {
        let folder: FilePath
        let reason: String
        var description: String { "\(folder): \(reason)" }
    }

    private init(_ folder: FilePath) throws {
        func settings(_ file: String) throws -> [String: String] {
            let lines = String(decoding: try Files.read(folder.appending(file)), as: UTF8.self).split(separator: "\n")
            return try lines.reduce(into: [:]) { settings, line in
                guard let colon = line.firstRange(of: ": ") else {
                    throw Malformed(folder: folder, reason: "\(file) has a line without a colon: \(line)")
                }
                settings[String(line[..<colon.lowerBound])] = String(line[colon.upperBound...])
            }
        }
        let said = try settings("case")
        let status = try settings("status")
        func required(_ key: String) throws -> String {
            guard let value = said[key] ?? status[key] else { throw Malformed(folder: folder, reason: "no \(key)") }
            return value
        }
        name = try required("name")
        patch = try Files.read(folder.appending("x.patch"))
        tree = try Self.read(folder.appending("tree")).files
        strip = Int(said["strip"] ?? "1") ?? 1
        guard let consumer = Consumer(rawValue: said["like"] ?? "gnu") else {
            throw Malformed(folder: folder, reason: "like is unknown")
        }
        policy = consumer.policy
        switch try required("expectation") {
        case "applied": expectation = .applied
        case "refused": expectation = .refused
        case "warned": expectation = .warned
        case "stricter": expectation = .stricter(code: try required("code"))
        case "differs": expectation = .differs
        case let other: throw Malformed(folder: folder, reason: "the expectation '\(other)' is unknown")
        }
        ours = try Self.read(folder.appending("ours"))
        let expected = try Self.read(folder.appending("expected"))
        golden = Golden(status: Int(try required("patch")) ?? -1, tree: expected)
        let ofGit = folder.appending("expected-git")
        git = Golden(
            status: Int(status["git"] ?? "") ?? -1, tree: Files.isDirectory(ofGit) ? try Self.read(ofGit) : expected)
        gitDifference = said["git"]
    }

    /// Reads a tree with percent-encoded names; an empty one has no folder.
    private static func read(_ folder: FilePath) throws -> Tree {
        var tree = Tree()
        let manager = FileManager.default
        guard let names = manager.enumerator(atPath: folder.string) else { return tree }
        for case let encoded as String in names {
            let path = folder.pushing(FilePath(encoded)).string
            guard let name = encoded.removingPercentEncoding else { continue }
            if let target = try? manager.destinationOfSymbolicLink(atPath: path) {
                tree.links[name] = target
            } else if Files.isRegular(FilePath(path)) {
                tree.files[name] = try Files.read(FilePath(path))
                if manager.isExecutableFile(atPath: path) { tree.executables.insert(name) }
            }
        }
        return tree
    }
}

extension PatchCase {
    /// What the engine makes of it.
    struct Result {
        let applied: AppliedSeries?
        let malformed: PatchError?
        /// The tree after it.
        let tree: Tree

        var isApplied: Bool { applied?.report.failures.isEmpty == true }
        /// The code of the reason it was refused for.
        var code: String? { malformed == nil ? applied?.report.failure?.reason.code : "malformed" }
        /// What the engine says, for a test's comment.
        var message: String { malformed?.message ?? applied?.report.failure?.message ?? "applied" }
        /// Whether text was left out that looks like a part of the patch.
        var hasWarned: Bool { applied?.report.patches.first?.ignored.contains(where: \.looksLikePatch) == true }
    }

    /// Applies the patch with the engine.
    func run(_ policy: PlacementPolicy) throws -> Result {
        let input = PatchInput(name: "x.patch", bytes: patch, strip: strip)
        let applied: AppliedSeries
        do {
            applied = try SeriesApplication.run(patches: [input], on: memoryTree(tree), policy: policy)
        } catch let error as PatchError {
            return Result(applied: nil, malformed: error, tree: Tree(files: tree))
        }
        var after = Tree(files: applied.result(on: tree))
        for change in applied.changes {
            let name = change.path.string
            if change.after?.kind == .symbolicLink {
                after.links[name] = after.files.removeValue(forKey: name).map { String(decoding: $0, as: UTF8.self) }
            } else if let file = change.after, file.permissions & 0o111 != 0 {
                after.executables.insert(name)
            }
        }
        return Result(applied: applied, malformed: nil, tree: after)
    }
}
