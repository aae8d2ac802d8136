public import Diagnostics
public import Kconfig
public import KernelBuild
public import KernelModel
public import SystemPackage

/// A kernel to build from a tree and a `.config`.
public struct KernelBuildRequest: Sendable {
    /// The kernel's source tree; it is only read.
    public var tree: FilePath
    /// The `.config` to build with.
    public var configuration: FilePath
    /// The output folder (`O=`).
    public var output: FilePath
    /// The kernel's `ARCH`.
    public var architecture: KernelArchitecture = .x86_64
    /// The compiler (`CC`); Kbuild's default where `nil`.
    public var compiler: String?
    /// Make's targets.
    public var targets = ["bzImage"]
    /// The image below the output folder.
    public var image: FilePath = "arch/x86/boot/bzImage"
    /// How many jobs run at once.
    public var jobs = 1
    /// The environment of make.
    public var environment: [String: String]

    /// What became of it.
    public struct Outcome: Sendable {
        /// The kernel, or why there is none.
        public let outcome: BuildOutcome
        /// What make was asked for.
        public let request: BuildRequest
        /// Settings of the configuration that the tree's Kconfig decided otherwise.
        public let findings: [ConfigFinding]
    }

    /// Asks for a kernel to be built.
    public init(tree: FilePath, configuration: FilePath, output: FilePath, environment: [String: String]) {
        self.tree = tree
        self.configuration = configuration
        self.output = output
        self.environment = environment
    }

    /// Settles the configuration with the tree's own Kconfig, then builds.
    /// - Throws: `KconfigError`, `BuildError`, `BytesError` or `HostError`. A kernel that does not build is an outcome.
    public func perform(progress: any ProgressSink) async throws -> Outcome {
        let build = BuildEnvironment(
            architecture: architecture.rawValue, compiler: compiler, epoch: try KernelSource.time(of: tree),
            searchPath: environment["PATH"] ?? "", passed: environment)
        let resolver = KconfigResolver(
            tree: tree, output: output, architecture: architecture.rawValue,
            variables: compiler.map { ["CC=\($0)"] } ?? [], environment: build.variables)
        let resolved = try await resolver.resolve(
            base: .file(configuration), fragments: [try ConfigFragment(path: configuration)], progress: progress)
        let request = BuildRequest(
            tree: tree, output: output, targets: targets, image: image, jobs: jobs, environment: build,
            log: output.appending("dom0kit-build.log"))
        progress.report(.began(what: "build \(targets.joined(separator: " "))"))
        let outcome = try await KernelBuilder.build(request, progress: progress)
        return Outcome(outcome: outcome, request: request, findings: resolved.findings)
    }
}
