import Bytes
import Debian
import Diagnostics
import KernelBuild
import KernelSource
import KernelTree
import SystemPackage

/// The kernel source of a run.
public struct ImportResult: Sendable, Codable, Equatable {
    /// The kernel's version.
    public let version: String
    /// Where it came from: `linux-source-6.1 6.1.192-2 of bookworm`, or a path.
    public let origin: String
    /// The SHA-256 of each file it was unpacked from, by name; empty for a folder.
    public let inputs: [String: String]
    /// How many files there are.
    public let files: Int
    /// When the source was released, in seconds since 1970: the time that stands in the image.
    public let epoch: Int
    /// A hash of all files' names, sizes and times after unpacking.
    public let fingerprint: String
    /// A hash of the very files, inodes and times of change among them: tells a tree that was touched since.
    public let state: String
    /// What Kbuild would stumble over.
    public let warnings: [String]

    /// A hash of the source: of the archive it came from, else of the folder's state.
    var identity: String {
        inputs.isEmpty ? fingerprint : inputs.sorted { $0.key < $1.key }.map(\.value).joined(separator: " ")
    }
}

/// Fetches and unpacks the source.
struct ImportStage {
    let request: RunRequest

    /// The unpacked source; nothing of the run writes to it.
    var tree: FilePath { request.work.appending("source") }

    private func fetcher() throws -> PackageFetcher {
        request.refresh ? try request.fetcher(refresh: .always) : try request.fetcher()
    }

    /// Everything the result depends on. A package stays at the version taken first, unless a refresh finds another.
    func inputs(earlier: ImportResult?, progress: any ProgressSink) async throws -> StageInputs {
        if let location = request.source {
            var inputs = try await inputs(of: location).merging(settings) { $1 }
            guard let base = request.base else { return inputs }
            for (name, value) in try await self.inputs(of: base) { inputs["base \(name)"] = value }
            return inputs
        }
        let source = request.profile.source
        var inputs: StageInputs = [
            "suite": source.suite ?? "", "package": source.package ?? source.sourcePackage ?? "",
        ]
        .merging(settings) { $1 }
        if request.refresh, let earlier {
            let (package, suite) = try await request.profile.package(fetcher: fetcher(), progress: progress)
            let newest = try await fetcher().lookUp([package], suite: suite, progress: progress).first
            if let newest, !earlier.inputs.values.contains(newest.digest.hex) {
                inputs["newest version"] = newest.version
            }
        }
        return inputs
    }

    /// What a result depends on that is made of a source given in the place of the profile's.
    private func inputs(of location: SourceLocation) async throws -> StageInputs {
        switch location {
        case .folder(let path), .suse(let path):
            return ["source": path.string, "content": try await TreeFingerprint.of(path, .files).hex]
        case .spec(let spec):
            // Its sources lie around it.
            let beside = spec.removingLastComponent()
            let folder = beside.lastComponent == "SPECS" ? beside.removingLastComponent() : beside
            return ["source": spec.string, "content": try await TreeFingerprint.of(folder, .files).hex]
        case .debianSource(let request, let suite), .package(let request, let suite):
            return ["suite": suite, "package": request.description]
        case .git:
            let commit = try await location.commit(environment: request.variables) ?? ""
            return ["source": location.description, "content": commit]
        case .archive(let path), .packageFile(let path), .sourcePackage(let path), .sourceRPM(let path):
            return ["source": path.lastComponent?.string ?? "", "content": try Digest(ofFile: path).hex]
        }
    }

    /// What the profile says on the patches that the source brings; nothing for one whose patches are not applied.
    private var settings: StageInputs {
        let source = request.profile.source
        var macros: StageInputs = [:]
        for (name, value) in request.macros { macros["macro \(name)"] = value }
        macros["version"] = source.version
        guard source.patched == true else { return macros }
        return macros.merging([
            "own patches": "applied", "guards": (source.guards ?? []).sorted().joined(separator: " "),
            "fuzz": "\(source.fuzz ?? 0)",
        ]) { $1 }
    }

    func run(progress: any ProgressSink) async throws -> StageOutput<ImportResult> {
        let location: SourceLocation
        if let given = request.source {
            location = given
            if let path = given.path { try request.profile.check(path) }
        } else {
            location = try await request.profile.location(fetcher: fetcher(), progress: progress)
        }
        try Files.remove(tree)
        var importer = SourceImporter(fetcher: try fetcher())
        importer.environment = request.variables
        importer.adopt(request.profile.source)
        importer.macros.merge(request.macros) { $1 }
        importer.base = request.base
        let imported = try await importer.importTree(from: location, into: tree, progress: progress)
        try request.profile.requireVersion(imported.version, of: imported.origin.description)
        // A tree that was built in is cleaned before it is configured, and that is noted there.
        let warnings = imported.warnings.filter { $0 != BuildTraces.warning(of: tree) }
        for warning in warnings { progress.report(.warning(warning)) }
        return StageOutput(
            value: ImportResult(
                version: imported.version.description, origin: imported.origin.description,
                inputs: Dictionary(
                    imported.origin.inputs.map { ($0.name, $0.digest.hex) }, uniquingKeysWith: { first, _ in first }),
                files: imported.files, epoch: try KernelSource.time(of: tree),
                fingerprint: try await TreeFingerprint.of(tree).hex,
                state: try await TreeFingerprint.of(tree, .files).hex, warnings: warnings),
            verdict: warnings.isEmpty ? .pass : .warn,
            summary: "\(imported.origin.description): Linux \(imported.version), \(imported.files) files")
    }

    /// What of an earlier result cannot be used any more.
    func damage(_ result: ImportResult) async throws -> String? {
        guard Files.isDirectory(tree) else { return "the unpacked source is gone" }
        let expected = try SourceState.latest(in: request.work, imported: result.state)
        return try await TreeFingerprint.of(tree, .files).hex == expected ? nil : "the unpacked source was touched"
    }
}
