import Bytes
public import Diagnostics
import Host
public import SystemPackage

/// What a configuration starts from.
public enum ConfigBase: Sendable, Equatable {
    /// A make target of the tree that makes a whole configuration: `tinyconfig`, `defconfig`, `x86_64_defconfig`.
    case target(String)
    /// A `.config` file.
    case file(FilePath)
}

/// A configuration as the tree's own Kconfig settled it.
public struct ResolvedConfig: Sendable {
    /// The `.config` in the output folder.
    public let path: FilePath
    /// Its settings.
    public let configuration: KernelConfiguration
    /// Every setting asked for, by the tree's fragments and by the user's: what held in the end for each symbol.
    public let asked: [ConfigEntry]
    /// What was asked for and is otherwise.
    public let findings: [ConfigFinding]
    /// Settings of one fragment that a later one changed.
    public let overrides: [ConfigOverride]
    /// What conf warned about (`.config:12:warning: …`, unmet dependencies), each once, in order.
    public let warnings: [String]
    /// The file with everything make printed.
    public let log: FilePath
}

/// Settles configurations with the tree's own Kconfig: its make targets and its conf decide, never this code.
public struct KconfigResolver: Sendable {
    /// The source tree; it is only read.
    public let tree: FilePath
    /// The output folder (`O=`), in which `.config` is made.
    public let output: FilePath
    /// The `ARCH`.
    public let architecture: String
    /// Further variables for make, such as `CC=gcc-12`: they are part of what `$(cc-option,…)` answers.
    public let variables: [String]
    /// The whole environment make runs in.
    public let environment: [String: String]

    /// Names the tree and the output folder.
    /// - Parameters:
    ///   - tree: The source tree.
    ///   - output: The output folder; made where it is not there.
    ///   - architecture: The `ARCH`.
    ///   - variables: Further variables for make.
    ///   - environment: The whole environment make runs in; it must be the build's.
    public init(
        tree: FilePath, output: FilePath, architecture: String = "x86_64", variables: [String] = [],
        environment: [String: String]
    ) {
        self.tree = tree
        self.output = output
        self.architecture = architecture
        self.variables = variables
        self.environment = environment
    }

    /// Makes a configuration: the base, then files, then the tree's own fragments, then files again; later ones win.
    /// - Parameters:
    ///   - base: What it starts from.
    ///   - preceding: Fragment files laid over the base first, for what the tree's own fragments need to be on.
    ///   - targets: Fragments of the tree, by the name of their make target (`xen_dom0.config`).
    ///   - fragments: Fragment files.
    ///   - progress: Receives each step.
    /// - Returns: The configuration, with everything asked for that Kconfig decided otherwise.
    /// - Throws: ``KconfigError``, ``HostError``.
    public func resolve(
        base: ConfigBase, preceding: [ConfigFragment] = [], targets: [String] = [], fragments: [ConfigFragment] = [],
        progress: any ProgressSink = NoProgress()
    ) async throws -> ResolvedConfig {
        let treeFragments = try treeFragments(targets)
        try checkTree()
        try Self.filing { () throws(BytesError) in try Files.createDirectories(output) }
        let configPath = output.appending(".config")
        let log = output.appending("kconfig.log")
        var run = MakeRun(resolver: self, log: log, progress: progress)
        try Self.filing { () throws(BytesError) in
            try Files.remove(configPath)
            try Files.remove(log)
        }
        switch base {
        case .target(let name):
            guard name.hasSuffix("config"), !name.hasSuffix(".config") else {
                throw KconfigError.unknownTarget(name, tree: tree)
            }
            try await run.make(name)
        case .file(let path):
            let start = try KernelConfiguration(path: path)
            try Self.filing { () throws(BytesError) in try Files.write(start.bytes, to: configPath) }
        }
        // A target of the tree settles what was laid before it; only what is laid last has to be settled by itself.
        var isSettled = !base.isFile
        if try lay(preceding, at: configPath) { isSettled = false }
        for target in targets {
            try await run.make(target)
            isSettled = true
        }
        if try lay(fragments, at: configPath) { isSettled = false }
        if !isSettled { try await run.make(try settlingTarget()) }
        let configuration = try KernelConfiguration(settled: configPath)
        let merged = ConfigMerger.merge(fragments: preceding + treeFragments + fragments)
        return ResolvedConfig(
            path: configPath, configuration: configuration, asked: merged.entries,
            findings: ConfigComparison.findings(asked: merged.entries, in: configuration), overrides: merged.overrides,
            warnings: run.warnings, log: log)
    }

    /// Writes the fragments over the `.config`; false if that changes no value, so that nothing needs settling again.
    private func lay(_ fragments: [ConfigFragment], at path: FilePath) throws(KconfigError) -> Bool {
        if fragments.isEmpty { return false }
        let present = try KernelConfiguration(path: path)
        let merged = ConfigMerger.merge(base: present.entries, fragments: fragments)
        let changes = ConfigMerger.merge(fragments: fragments).entries.contains { entry in
            present.entry(entry.symbol)?.value.matches(entry.value) != true
        }
        if changes { try Self.filing { () throws(BytesError) in try Files.write(merged.bytes, to: path) } }
        return changes
    }

    /// The fragments of the tree that the targets stand for, where `%.config` of `scripts/kconfig/Makefile` finds them.
    private func treeFragments(_ targets: [String]) throws(KconfigError) -> [ConfigFragment] {
        var fragments: [ConfigFragment] = []
        for target in targets {
            let folders = ["kernel/configs", "arch/\(Self.sourceArchitecture(architecture))/configs"]
            let files = folders.map { tree.pushing(FilePath($0)).appending(target) }.filter(Files.isRegular)
            guard target.hasSuffix(".config"), !target.contains("/"), !files.isEmpty else {
                throw .unknownTarget(target, tree: tree)
            }
            for file in files { fragments.append(try ConfigFragment(path: file)) }
        }
        return fragments
    }

    /// The target that gives every symbol without a value its default: `oldconfig`, which asks nobody here, in kernels
    /// before 3.7, which have no `olddefconfig`.
    private func settlingTarget() throws(KconfigError) -> String {
        let makefile = tree.pushing("scripts/kconfig/Makefile")
        let text = try Self.filing { () throws(BytesError) in
            Files.isRegular(makefile) ? String(decoding: try Files.read(makefile), as: UTF8.self) : "olddefconfig"
        }
        return text.contains("olddefconfig") ? "olddefconfig" : "oldconfig"
    }

    private func checkTree() throws(KconfigError) {
        // Before 2.6.37 the architecture's file is the first one, and before 2.6.24 x86_64 had a folder of its own.
        let first = ["", "arch/\(architecture)/", "arch/\(Self.sourceArchitecture(architecture))/"].map {
            tree.pushing(FilePath($0 + "Kconfig"))
        }
        guard Files.isRegular(tree.appending("Makefile")), first.contains(where: Files.isRegular) else {
            throw .notAKernelTree(tree)
        }
        let traces = [".config", "include/config"].map { tree.pushing(FilePath($0)) }
        if output != tree, traces.contains(where: Files.exists) { throw .treeNotClean(tree) }
    }

    /// The `SRCARCH` of an `ARCH`, as the top `Makefile` has it.
    static func sourceArchitecture(_ architecture: String) -> String {
        switch architecture {
        case "i386", "x86_64": "x86"
        case "sparc32", "sparc64": "sparc"
        case "parisc64": "parisc"
        default: architecture
        }
    }

    static func filing<Value>(_ body: () throws(BytesError) -> Value) throws(KconfigError) -> Value {
        do { return try body() } catch { throw .file(error) }
    }
}

extension ConfigBase {
    var isFile: Bool {
        if case .file = self { true } else { false }
    }
}
