import Bytes
public import Diagnostics
import Kconfig
public import KernelBuild
public import KernelModel
import KernelSource
public import KernelTree
public import Patching
public import SystemPackage

/// The objects of the files that a series touches, compiled in two patched trees and held against each other.
public struct ObjectCheckRequest: Sendable {
    /// A tree with a series.
    public struct Side: Sendable {
        /// The tree without it.
        public let tree: SourceLocation
        /// The series.
        public let patches: [PatchInput]
        /// How it is applied.
        public let policy: PlacementPolicy

        /// Names them.
        public init(tree: SourceLocation, patches: [PatchInput], policy: PlacementPolicy) {
            self.tree = tree
            self.patches = patches
            self.policy = policy
        }
    }

    /// The tree that the series was made for.
    public var old: Side
    /// The one it was moved to.
    public var new: Side
    /// The files it touches.
    public var subjects: [ObjectComparison.Subject]
    /// The `.config` for both; each tree's `defconfig` where `nil`.
    public var configuration: FilePath?
    /// The kernel's `ARCH`.
    public var architecture: KernelArchitecture = .x86_64
    /// The compiler (`CC`); Kbuild's default where `nil`.
    public var compiler: String?
    /// The folder in which the trees are made and compiled; made, and removed at the end.
    public var folder: FilePath
    /// How many jobs run at once.
    public var jobs = 1
    /// The environment of make and git.
    public var environment: [String: String]

    /// Asks for a comparison.
    public init(
        old: Side, new: Side, subjects: [ObjectComparison.Subject], folder: FilePath, environment: [String: String]
    ) {
        self.old = old
        self.new = new
        self.subjects = subjects
        self.folder = folder
        self.environment = environment
    }

    /// Whether there is something to compile: two kernel sources, and the `.config` that was named.
    /// - Throws: `KernelTreeError`, `KconfigError` or `BytesError` where not.
    public static func require(_ trees: [SourceLocation], configuration: FilePath?) throws {
        for case .folder(let folder) in trees { _ = try SourceImporter.check(folder, called: folder.string) }
        if let configuration { _ = try KernelConfiguration(path: configuration) }
    }

    /// Makes both trees, compiles the objects in each, and compares what the compiler says.
    /// - Throws: `KernelTreeError`, `KconfigError`, `BuildError`, `BytesError` or `HostError`. What does not compile is
    ///   an outcome.
    public func perform(progress: any ProgressSink) async throws -> ObjectComparison {
        if Files.exists(folder) { throw KernelTreeError.taken(folder: folder) }
        try Files.createDirectories(folder)
        do {
            let before = try await build(old, "old", subjects.compactMap(\.old), progress)
            let after = try await build(new, "new", subjects.compactMap(\.new), progress)
            // What a patch makes is not in the old tree, and what one removes is in neither.
            let there = subjects.compactMap { subject -> ObjectComparison.Subject? in
                guard let file = subject.new, isThere(file, "new") else { return nil }
                return ObjectComparison.Subject(old: subject.old.flatMap { isThere($0, "old") ? $0 : nil }, new: file)
            }
            try Files.remove(folder)
            return ObjectComparison(
                there, architecture: architecture.sourceFolder, old: before, new: after)
        } catch {
            try? Files.remove(folder)
            throw error
        }
    }

    private func tree(_ name: String) -> FilePath { folder.appending("\(name)-tree") }

    private func isThere(_ file: String, _ name: String) -> Bool { Files.isRegular(tree(name).pushing(FilePath(file))) }

    private func build(
        _ side: Side, _ name: String, _ files: [String], _ progress: any ProgressSink
    ) async throws -> ObjectBuild.Result {
        let tree = tree(name)
        let output = folder.appending("\(name)-objects")
        var importer = SourceImporter()
        importer.environment = environment
        if case .folder(let source) = side.tree {
            try await TreeClone.make(source, at: tree, progress: progress)
        } else {
            _ = try await importer.importTree(from: side.tree, into: tree, progress: progress)
        }
        let applied = try TreeTransaction(in: tree, workers: jobs).apply(
            side.patches.map(PatchSource.init), policy: side.policy)
        // It was applied before, in memory.
        if let failure = applied.report.failure { throw KernelTreeError.patchFails(message: failure.message) }
        let environment = BuildEnvironment(
            architecture: architecture.rawValue, compiler: compiler, epoch: try KernelSource.time(of: tree),
            searchPath: self.environment["PATH"] ?? "", passed: self.environment)
        let resolver = KconfigResolver(
            tree: tree, output: output, architecture: architecture.rawValue,
            variables: compiler.map { ["CC=\($0)"] } ?? [], environment: environment.variables)
        _ = try await resolver.resolve(
            base: configuration.map(ConfigBase.file) ?? .target("defconfig"), progress: progress)
        let objects = Set(
            files.filter { isThere($0, name) }.compactMap {
                try? ObjectComparison.object(of: $0, architecture: architecture.sourceFolder).get()
            })
        return try await ObjectBuild(
            tree: tree, output: output, objects: objects.sorted(), jobs: jobs, environment: environment
        ).perform(progress: progress)
    }
}
