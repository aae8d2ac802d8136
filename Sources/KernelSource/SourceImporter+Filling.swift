import Archive
import Bytes
import Concurrency
import Diagnostics
import Glibc
import KernelModel
import KernelTree
import Patching
import Series
import SystemPackage

/// What was put into a staging folder.
struct FilledSource {
    var origin: SourceOrigin
    var files: Int
    /// The tree, where it is known; else it is looked for.
    var top: FilePath?
    /// What a maintainer should know about how the tree came to be.
    var warnings: [String] = []
}

extension SourceImporter {
    /// Puts a source into a staging folder and moves the tree in it to its place.
    func fill(
        _ staging: FilePath, from location: SourceLocation, final folder: FilePath, progress: any ProgressSink
    ) async throws -> ImportedTree {
        let filled = try await fill(staging, from: location, progress: progress)
        let (top, version): (FilePath, KernelVersion)
        if let known = filled.top {
            (top, version) = (known, try Self.check(known, called: location.description))
        } else {
            (top, version) = try Self.top(of: staging, called: location.description)
        }
        let settled = ImportedContent(top)
        var warnings = filled.warnings + (try settled.removeReserved())
        if let fault = try settled.linkFault() {
            // A folder of the user's own is taken as it is; what was unpacked or patched must stay in itself.
            guard case .folder = location else {
                throw KernelTreeError.unsafe(source: location.description, reason: fault)
            }
            warnings.append(fault)
        }
        try Rename.move(top, to: folder)
        return ImportedTree(
            folder: folder, version: version, origin: filled.origin, files: filled.files,
            warnings: warnings + [BuildTraces.warning(of: folder)].compactMap(\.self))
    }

    private func fill(
        _ staging: FilePath, from location: SourceLocation, progress: any ProgressSink
    ) async throws -> FilledSource {
        let tree = staging.appending("tree")
        switch location {
        case .folder(let source):
            _ = try Self.check(source, called: source.string)
            progress.report(.began(what: "copy \(source)"))
            let count = try await TreeCopy(leavingOut: [".git"]).copy(source, to: tree, progress: progress)
            return FilledSource(origin: SourceOrigin(description: source.string, inputs: []), files: count, top: tree)
        case .archive(let path):
            progress.report(.began(what: "unpack \(path.lastComponent?.string ?? path.string)"))
            async let digest = Self.digest(path)
            let count = try await unpack(.file(path), into: staging, progress: progress)
            return FilledSource(
                origin: SourceOrigin(description: path.string, inputs: [Self.input(path, try await digest)]),
                files: count)
        case .packageFile(let path):
            async let digest = Self.digest(path)
            let count = try await unpack(package: path, into: staging, progress: progress)
            return FilledSource(
                origin: SourceOrigin(description: path.string, inputs: [Self.input(path, try await digest)]),
                files: count)
        case .sourcePackage(let path): return try await fill(tree, sourcePackage: path, progress)
        case .package(let request, let suite):
            guard let fetcher, let package = try await fetcher.fetch([request], suite: suite, progress: progress).first
            else {
                throw KernelTreeError.noKernel(source: location.description, reason: "no way to get packages was given")
            }
            let count = try await unpack(package: package.path, into: staging, progress: progress)
            return FilledSource(
                origin: SourceOrigin(
                    description: "\(package.name) \(package.version) of \(suite)",
                    inputs: [Self.input(package.path, package.digest)]), files: count)
        case .debianSource(let request, let suite):
            guard let fetcher else {
                throw KernelTreeError.noKernel(source: location.description, reason: "no way to get packages was given")
            }
            let package = try await fetcher.fetchSource(request, suite: suite, progress: progress)
            var filled = try await fill(tree, sourcePackage: package.control, progress)
            filled.origin = SourceOrigin(
                description: "source package \(package.name) \(package.version) of \(suite)",
                inputs: filled.origin.inputs)
            return filled
        case .git(let repository, let revision):
            let source = try await GitRevision(repository, revision: revision, environment: environment)
            progress.report(.began(what: "read \(revision) of \(repository)"))
            try Files.createDirectories(tree)
            let count = try await source.write(to: tree, progress: progress)
            let origin = "git:\(repository)@\(revision) (commit \(source.commit))"
            if SuseSource.isOne(tree) {
                // What is stored there is no kernel, but the patches for one.
                return try await fill(staging, suse: tree, origin: origin, inputs: [], progress)
            }
            // Git keeps no times; the commit's stands for that of the source, whose top Makefile tells it.
            let makefile = tree.appending("Makefile")
            if let time = try await source.time(), Files.isRegular(makefile) {
                var times = [timespec(tv_sec: time, tv_nsec: 0), timespec(tv_sec: time, tv_nsec: 0)]
                guard utimensat(AT_FDCWD, makefile.string, &times, 0) == 0 else {
                    throw BytesError(path: makefile, operation: .write, errno: Errno(rawValue: errno))
                }
            }
            return FilledSource(
                origin: SourceOrigin(description: origin, inputs: []), files: count, top: tree)
        case .spec(let path): return try await fill(staging, spec: path, origin: path.string, inputs: [], progress)
        case .suse(let source):
            return try await fill(staging, suse: source, origin: source.string, inputs: [], progress)
        case .sourceRPM(let path):
            async let digest = Self.digest(path)
            let sources = staging.appending(".sources")
            try Files.createDirectories(sources)
            progress.report(.began(what: "unpack \(path.lastComponent?.string ?? path.string)"))
            _ = try await unpack(.file(path), into: sources, progress: progress)
            let inputs = [Self.input(path, try await digest)]
            if SuseSource.isOne(sources) {
                return try await fill(staging, suse: sources, origin: path.string, inputs: inputs, progress)
            }
            let specs = try Files.list(sources).filter { $0.hasSuffix(".spec") }
            guard specs.count == 1 else {
                throw KernelTreeError.noKernel(
                    source: path.string, reason: specs.isEmpty ? "it has no spec file" : "it has several spec files")
            }
            var filled = try await fill(
                staging, spec: sources.appending(specs[0]), origin: path.string, inputs: inputs, progress)
            filled.origin = SourceOrigin(description: path.string, inputs: inputs)
            return filled
        }
    }

    private func fill(
        _ tree: FilePath, sourcePackage path: FilePath, _ progress: any ProgressSink
    ) async throws -> FilledSource {
        if let keyring { try await SourcePackage.verify(path, keyring: keyring, environment: environment) }
        let package = try await SourcePackage(path)
        let count = try await package.unpack(into: tree, limits: limits, progress: progress)
        if appliesPatches { try await SourcePackage.applyPatches(in: tree, symbols: symbols, progress: progress) }
        return FilledSource(
            origin: SourceOrigin(
                description: "source package \(package.control.source) \(package.control.version)",
                inputs: [Self.input(path, try Digest(ofFile: path))]
                    + package.control.parts.map { SourceOrigin.Input(name: $0.name, digest: $0.digest) }),
            files: count, top: tree)
    }

    /// Carries out what the `%prep` of a spec does, as far as it is known.
    private func fill(
        _ staging: FilePath, spec: FilePath, origin: String, inputs: [SourceOrigin.Input], _ progress: any ProgressSink
    ) async throws -> FilledSource {
        var reader = SeriesReader(dialect: .rpm, guards: symbols)
        reader.macros = macros
        let plan = try reader.plan(spec: spec)
        if appliesPatches, !plan.missed.isEmpty { throw SeriesError.incomplete(plan.missed) }
        let root = staging.appending("build")
        try Files.createDirectories(root)
        var policy = PlacementPolicy.rpm
        policy.fuzz = specFuzz
        var build = try RpmBuild(
            plan: plan, root: root, appliesPatches: appliesPatches, policy: policy, limits: limits,
            base: try await unpackedBase(in: staging, progress: progress), progress: progress)
        try await build.run()
        let top = try kernel(in: root, preferred: plan.mainFolder, called: origin)
        let used = try build.used.sorted { $0.key < $1.key }.map { Self.input($0.value, try Digest(ofFile: $0.value)) }
        return FilledSource(
            origin: SourceOrigin(description: origin, inputs: inputs + used), files: try FolderCount.files(below: top),
            top: top,
            warnings: appliesPatches ? plan.notEvaluated.map { "\($0.position): \($0.text)" } : [])
    }

    /// The kernel's tree in a build folder: where the patches went, or the only one there is.
    private func kernel(in root: FilePath, preferred: String, called name: String) throws -> FilePath {
        let main = root.pushing(FilePath(preferred))
        if !preferred.isEmpty, (try? Self.check(main, called: name)) != nil { return main }
        var found: [FilePath] = []
        for outer in try Files.list(root).map(root.appending) where Files.isDirectory(outer) {
            if (try? Self.check(outer, called: name)) != nil {
                found.append(outer)
            } else {
                found += try Files.list(outer).map(outer.appending).filter {
                    Files.isDirectory($0) && (try? Self.check($0, called: name)) != nil
                }
            }
        }
        if found.count > 1 { found = found.filter { $0.lastComponent?.string.hasPrefix("linux-") == true } }
        guard found.count == 1 else {
            throw KernelTreeError.noKernel(
                source: name,
                reason: found.isEmpty ? "its %prep leaves no kernel source" : "its %prep leaves several kernel sources")
        }
        return found[0]
    }

    /// The upstream source with the patches of `series.conf`.
    private func fill(
        _ staging: FilePath, suse folder: FilePath, origin: String, inputs: [SourceOrigin.Input],
        _ progress: any ProgressSink
    ) async throws -> FilledSource {
        let source = try SuseSource(folder)
        var inputs = inputs
        let tree: FilePath
        var count: Int
        if let base = try await unpackedBase(in: staging, progress: progress) {
            let found = try Self.check(base, called: origin)
            if let wanted = KernelVersion(source.version), !found.isRelease(of: wanted) {
                throw KernelTreeError.wrongBase(of: origin, version: source.version, found: found.description)
            }
            (tree, count) = (base, try FolderCount.files(below: base))
        } else {
            guard let archive = source.archive else {
                guard !origin.hasPrefix("git:") else {
                    throw KernelTreeError.baseNeeded(of: origin, version: source.version)
                }
                throw KernelTreeError.missingSource(
                    of: folder, name: "linux-\(source.version).tar.xz", address: source.address)
            }
            let upstream = staging.appending("upstream")
            try Files.createDirectories(upstream)
            progress.report(.began(what: "unpack \(archive.lastComponent?.string ?? "")"))
            count = try await unpack(.file(archive), into: upstream, progress: progress)
            inputs.append(Self.input(archive, try await Self.digest(archive)))
            tree = try Self.top(of: upstream, called: archive.string).0
        }
        if appliesPatches {
            let loaded = try SeriesReader(dialect: .suse, guards: symbols).read(folder).load()
            progress.report(.began(what: "apply \(loaded.patches.count) patches of series.conf"))
            try await SourcePackage.apply(loaded.inputs, to: tree, policy: .suse)
            count = try FolderCount.files(below: tree)
        }
        return FilledSource(
            origin: SourceOrigin(description: "\(origin) on Linux \(source.version)", inputs: inputs), files: count,
            top: tree)
    }

    /// The upstream source that was given, unpacked.
    private func unpackedBase(in staging: FilePath, progress: any ProgressSink) async throws -> FilePath? {
        guard let base else { return nil }
        var plain = self
        (plain.base, plain.appliesPatches) = (nil, false)
        let folder = staging.appending("base")
        _ = try await plain.importTree(from: base, into: folder, progress: progress)
        return folder
    }

    func unpack(
        _ source: ArchiveSource, into staging: FilePath, progress: any ProgressSink
    ) async throws -> Int {
        var extraction = Extraction()
        extraction.limits = limits
        return try await extraction.unpack(source, into: staging, progress: progress).files
    }

    /// Unpacks the tar archive inside a `linux-source-*` package, without writing it out in between.
    private func unpack(package: FilePath, into staging: FilePath, progress: any ProgressSink) async throws -> Int {
        progress.report(.began(what: "unpack \(package.lastComponent?.string ?? package.string)"))
        let inner = SourceArchive.kernel(inPackage: package)
        do {
            return try await unpack(inner, into: staging, progress: progress)
        } catch let error as ArchiveError {
            guard case .noMember = error.reason else { throw error }
            throw KernelTreeError.noKernel(
                source: package.string, reason: "it is not a linux-source package: it has no usr/src/linux-source-*")
        }
    }
}

/// How many files a tree has.
enum FolderCount {
    static func files(below folder: FilePath) throws -> Int {
        try FolderWalk(root: folder).run(BlockingWork.Cancellation(), initial: { 0 }) { count, entry in
            if entry.status.st_mode & FolderCount.kind == FolderCount.regular { count += 1 }
        }.reduce(0, +)
    }
}
