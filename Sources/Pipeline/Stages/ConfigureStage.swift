import Bytes
import Diagnostics
import Host
public import Kconfig
import KernelBuild
import KernelModel
import SystemPackage

/// The `.config` of a run, and what it was held against.
public struct ConfigureResult: Sendable, Codable, Equatable {
    /// The SHA-256 of the `.config`.
    public let sha256: String
    /// How many settings were asked for, by fragments of the tree and of the kit.
    public let asked: Int
    /// How many dom0 requirements apply to this kernel.
    public let requirements: Int
    /// What was asked for or is required, and is otherwise.
    public let findings: [ConfigFinding]
    /// What Kconfig itself warned about.
    public let warnings: [String]
}

/// Makes the configuration with the tree's own Kconfig and proves that it gives a dom0.
struct ConfigureStage {
    let profile: Profile
    let tree: FilePath
    let work: FilePath
    let fragments: [FilePath]
    let environment: BuildEnvironment
    /// The settings of the provenance options, by symbol.
    let provenance: [String: String]

    /// Where the proven `.config` is kept, relative to the work folder.
    static let configuration = FilePath("config/config")

    var build: FilePath { work.appending("build") }

    /// Everything the result depends on beyond the tree and the toolchain.
    func inputs() throws -> StageInputs {
        let configuration = profile.configuration
        var inputs: StageInputs = [
            "base": configuration.base.description,
            "targets": configuration.targets.joined(separator: " "),
            "requirements": try Digest(ofFile: configuration.requirements.path).hex,
        ]
        if case .file(let file) = configuration.base { inputs["base file"] = try Digest(ofFile: file.path).hex }
        for file in configuration.fragments { inputs["fragment \(file)"] = try Digest(ofFile: file.path).hex }
        for path in fragments { inputs["fragment \(path)"] = try Digest(ofFile: path).hex }
        for (symbol, value) in provenance { inputs["CONFIG_\(symbol)"] = value }
        return inputs
    }

    func run(progress: any ProgressSink) async throws -> StageOutput<ConfigureResult> {
        let configuration = profile.configuration
        try Files.remove(build)
        try Files.createDirectories(build)
        try Files.createDirectories(work.appending("config"))
        let resolver = KconfigResolver(
            tree: tree, output: build, architecture: profile.architecture.rawValue,
            variables: environment.compilers, environment: environment.variables)
        let kit = try configuration.fragments.map { try ConfigFragment(path: $0.path) }
        let base: ConfigBase =
            switch configuration.base {
            case .target(let name): .target(name)
            case .file(let file): .file(file.path)
            case .tree(let path): .file(tree.pushing(path))
            }
        let added = try fragments.map { try ConfigFragment(path: $0) }
        let resolved = try await resolver.resolve(
            base: base, preceding: kit, targets: configuration.targets, fragments: [try provenanceFragment()] + added,
            progress: progress)
        try Files.write(try Files.read(resolved.path), to: work.pushing(Self.configuration))
        return try judge(resolved)
    }

    private func judge(_ resolved: ResolvedConfig) throws -> StageOutput<ConfigureResult> {
        let version = try KernelVersion(ofTree: tree)
        let requirements = try Dom0Requirements.load(file: profile.configuration.requirements.path)
        let modes: Set<DomainMode> = [profile.boot.dom0]
        let unmet = requirements.check(resolved.configuration, version: version, modes: modes)
        let disagreeing = unmet + resolved.findings
        let findings =
            disagreeing.isEmpty
            ? []
            : try KconfigTree.load(tree, architecture: profile.architecture.rawValue)
                .explain(disagreeing, in: resolved.configuration)
        let failing = findings.filter { $0.level != .recommended }
        let applying = try requirements.proving(version, modes: modes).count
        let summary =
            failing.isEmpty
            ? "\(Wording.count(applying, "dom0 requirement")) met, \(Wording.count(resolved.asked.count, "setting")) as asked for"
            : failing.map(\.summary).prefix(3).joined(separator: "; ")
        return StageOutput(
            value: ConfigureResult(
                sha256: try Digest(ofFile: resolved.path).hex, asked: resolved.asked.count, requirements: applying,
                findings: findings, warnings: resolved.warnings),
            verdict: !failing.isEmpty ? .fail : findings.isEmpty ? .pass : .warn,
            summary: summary, artefacts: [Self.configuration])
    }

    private func provenanceFragment() throws -> ConfigFragment {
        let lines = provenance.sorted { $0.key < $1.key }.map { "CONFIG_\($0.key)=\"\($0.value)\"\n" }
        return try ConfigFragment(Array(lines.joined().utf8), path: "provenance")
    }
}
