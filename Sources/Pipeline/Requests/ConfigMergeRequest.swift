public import Diagnostics
public import Kconfig
import KernelBuild
public import KernelModel
public import SystemPackage

/// A `.config` to make with a tree's own Kconfig.
public struct ConfigMergeRequest: Sendable {
    /// The kernel's source tree; it is only read.
    public var tree: FilePath
    /// The output folder, which gets the `.config`.
    public var output: FilePath
    /// The kernel's `ARCH`.
    public var architecture: KernelArchitecture = .x86_64
    /// The compiler (`CC`); Kbuild's default where `nil`.
    public var compiler: String?
    /// What the configuration starts from.
    public var base: ConfigBase = .target("defconfig")
    /// Fragments of the tree, by the names of their make targets.
    public var targets: [String] = []
    /// Fragment files, laid over everything else.
    public var fragments: [FilePath] = []
    /// The environment of make.
    public var environment: [String: String]

    /// Asks for a configuration to be made.
    public init(tree: FilePath, output: FilePath, environment: [String: String]) {
        self.tree = tree
        self.output = output
        self.environment = environment
    }

    /// Makes the configuration.
    /// - Returns: The configuration, and every setting that Kconfig decided otherwise with the reason.
    /// - Throws: `KconfigError` or `HostError`.
    public func perform(
        progress: any ProgressSink
    ) async throws -> (resolved: ResolvedConfig, findings: [ConfigFinding]) {
        let build = BuildEnvironment(
            architecture: architecture.rawValue, compiler: compiler, epoch: 0,
            searchPath: environment["PATH"] ?? "/usr/bin:/bin")
        let resolver = KconfigResolver(
            tree: tree, output: output, architecture: architecture.rawValue,
            variables: compiler.map { ["CC=\($0)"] } ?? [], environment: build.variables)
        let resolved = try await resolver.resolve(
            base: base, targets: targets, fragments: try fragments.map { try ConfigFragment(path: $0) },
            progress: progress)
        // Reading the whole Kconfig takes seconds, and explains nothing where everything holds.
        if resolved.findings.isEmpty { return (resolved, []) }
        let kconfig = try KconfigTree.load(tree, architecture: architecture.rawValue)
        return (resolved, kconfig.explain(resolved.findings, in: resolved.configuration))
    }
}
