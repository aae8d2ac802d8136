import Archive
import Bytes
import Concurrency
import Diagnostics
import Glibc
import KernelTree
import Patching
import RpmSpec
import Series
import SystemPackage

/// Carries out what a spec's `%prep` does, as far as it is known, in a build folder of its own: the tree that
/// `rpmbuild -bp` leaves, with nothing of the spec run.
struct RpmBuild {
    let plan: SpecPlan
    /// The build folder, there and empty.
    private let folder: BuildFolder
    /// Whether patches are applied.
    let appliesPatches: Bool
    /// How patches are applied whose line says nothing else.
    let policy: PlacementPolicy
    let limits: ArchiveLimits
    /// A folder that is taken in the place of the first source, where that is missing.
    let base: FilePath?
    let progress: any ProgressSink

    /// The files of the source package that were used, by name.
    private(set) var used: [String: FilePath] = [:]
    /// The folders with a series' worth of patches, for the search of the kernel's tree.
    private var spec: FilePath { plan.series.file }

    init(
        plan: SpecPlan, root: FilePath, appliesPatches: Bool, policy: PlacementPolicy, limits: ArchiveLimits,
        base: FilePath?, progress: any ProgressSink
    ) throws(KernelTreeError) {
        self.plan = plan
        folder = try BuildFolder(root, spec: plan.series.file)
        self.appliesPatches = appliesPatches
        self.policy = policy
        self.limits = limits
        self.base = base
        self.progress = progress
    }

    mutating func run() async throws { try await run(plan.steps) }

    private mutating func run(_ steps: [PrepStep]) async throws {
        var index = 0
        while index < steps.count {
            try Task.checkCancellation()
            let step = steps[index]
            if case .patch = step.action {
                // Patches that go to one place in one way go there in one run.
                let group = Array(steps[index...].prefix { $0 == step || goTogether(step, $0) })
                if appliesPatches { try await apply(group) }
                index += group.count
                continue
            }
            try await carryOut(step)
            index += 1
        }
    }

    /// Whether two patches go to one folder in one way, leaving no copies.
    private func goTogether(_ left: PrepStep, _ right: PrepStep) -> Bool {
        guard case .patch(let first) = left.action, case .patch(let second) = right.action else { return false }
        let (one, other) = (plan.entries[first], plan.entries[second])
        return plan.folder(of: first) == plan.folder(of: second) && one.fuzz == other.fuzz
            && one.isForGit == other.isForGit && one.backup == nil && other.backup == nil
    }

    private mutating func carryOut(_ step: PrepStep) async throws {
        switch step.action {
        case .unpack(let archive, let folder): try await unpack(archive, into: folder, step)
        case .remove(let paths):
            for path in try paths.flatMap({ try folder.expand($0, step) }) {
                try folder.remove(path, step)
            }
        case .makeFolders(let paths): for path in paths { try folder.makeFolders(path, step) }
        case .touch(let paths): for path in paths { try folder.touch(path, step) }
        case .makeExecutable(let paths):
            for path in try paths.flatMap({ try folder.expand($0, step) }) {
                try folder.makeExecutable(path, step)
            }
        case .copy(let from, let to, let linked, let following):
            let copied = try await copy(from, to: to, linked: linked, step)
            if following { for path in copied { try folder.follow(path, step) } }
        case .move(let from, let to):
            for path in try from.flatMap({ try folder.expand($0, step) }) {
                try folder.move(path, to: try folder.place(of: Self.name(path), at: to, step), step)
            }
        case .removeMatching(let path, let patterns): try folder.removeMatching(path, patterns, step)
        case .restoreBackups(let paths, let suffix):
            guard appliesPatches else { return }
            for path in try paths.flatMap({ try folder.expand($0, step) }) { try folder.restore(path, suffix, step) }
        case .replaceLines(let file, let beginning, let text): try replace(file, beginning, text, step)
        case .write(let file, let text, let appends): try write(file, text, appends: appends, step)
        case .edit(let files, let script):
            for file in try files.flatMap({ try folder.expand($0, step) }) { try edit(file, script, step) }
        // What is not carried out is told with the result.
        case .change: break
        case .conditional(let test, let path, let negated, let then, let otherwise):
            let isThere = try folder.holds(test, path, step)
            try await run(isThere != negated ? then : otherwise)
        case .patch: break
        }
    }

    private static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// A file of the source package.
    private mutating func source(_ name: String) throws -> FilePath {
        guard let path = plan.folders.map({ $0.appending(name) }).first(where: Files.isRegular) else {
            throw KernelTreeError.missingSource(of: spec, name: name, address: plan.addresses[name])
        }
        used[name] = path
        return path
    }

    private mutating func unpack(_ archive: String, into path: String, _ step: PrepStep) async throws {
        let target = try folder.folder(path, step)
        if let base, plan.folders.allSatisfy({ !Files.isRegular($0.appending(archive)) }) {
            // The archive's own folder is called as it is, without its endings.
            let name = archive.prefix { $0 != "." || !archive.contains(".tar") }
            let stem = archive.contains(".tar") ? Self.stem(archive) : String(name)
            progress.report(.began(what: "copy \(base)"))
            _ = try await TreeCopy(leavingOut: [".git"]).copy(
                base, to: try folder.newFolder(path.isEmpty ? stem : path + "/" + stem, step), progress: progress)
            return
        }
        progress.report(.began(what: "unpack \(archive)"))
        var extraction = Extraction()
        extraction.limits = limits
        extraction.merging = true
        try await extraction.unpack(.file(try source(archive)), into: target, progress: progress)
    }

    private static func stem(_ archive: String) -> String {
        var end = archive.endIndex
        while end > archive.startIndex {
            end = archive.index(before: end)
            if archive[end...].hasPrefix(".tar") { return String(archive[..<end]) }
        }
        return archive
    }

    /// Copies files and folders.
    /// - Returns: What was made.
    private mutating func copy(
        _ from: [PrepStep.Place], to target: String, linked: Bool, _ step: PrepStep
    ) async throws -> [String] {
        var copied: [String] = []
        for item in from {
            switch item {
            case .source(let pattern):
                for path in try sources(pattern) {
                    let into = try folder.place(of: path.lastComponent?.string ?? pattern, at: target, step)
                    var status = stat()
                    guard stat(path.string, &status) == 0 else { throw folder.fails(step, "there is no \(path)") }
                    try folder.write(into, try Files.read(path), permissions: status.st_mode, step)
                    copied.append(into)
                }
            case .build(let pattern):
                for path in try folder.expand(pattern, step) {
                    let into = try folder.place(of: Self.name(path), at: target, step)
                    try await copy(path, to: into, linked: linked, step)
                    copied.append(into)
                }
            }
        }
        return copied
    }

    private func copy(_ path: String, to target: String, linked: Bool, _ step: PrepStep) async throws {
        guard let status = try folder.status(path, step) else {
            throw folder.fails(step, "there is no '\(path)' to copy")
        }
        switch status.kind {
        case .folder:
            progress.report(.began(what: "copy \(Self.name(path))"))
            _ = try await TreeCopy(linked ? .link : .copy).copy(
                try folder.folder(path, step), to: try folder.newFolder(target, step), progress: progress)
        case .regular:
            try folder.write(target, try folder.read(path, step), permissions: status.permissions, step)
        case .link, .special: throw folder.fails(step, "'\(path)' is a symbolic link or a device, and is not copied")
        }
    }

    private mutating func sources(_ name: String) throws -> [FilePath] {
        guard name.contains(where: { "*?[".contains($0) }) else { return [try source(name)] }
        var names: Set<String> = []
        for folder in plan.folders where Files.isDirectory(folder) {
            names.formUnion(try Files.list(folder).filter { fnmatch(name, $0, 0) == 0 })
        }
        return try names.sorted().map { try source($0) }
    }

    private mutating func apply(_ steps: [PrepStep]) async throws {
        var patches: [PatchInput] = []
        var first: (entry: SeriesEntry, folder: FilePath)?
        for step in steps {
            guard case .patch(let number) = step.action else { continue }
            let entry = plan.entries[number]
            if entry.exclusions.contains(.optionalTooShort) { continue }
            guard let name = plan.folder(of: number) else {
                throw folder.fails(step, "the folder that '\(entry.name)' is applied in is not known")
            }
            if case .file(let path) = entry.content { used[entry.name] = path }
            if first == nil { first = (entry, try folder.folder(name, step)) }
            patches.append(try PatchSeries.load(entry).input)
        }
        guard let first, !patches.isEmpty else { return }
        progress.report(.began(what: "apply \(Wording.count(patches.count, "patch", "patches")) of the spec"))
        var policy = policy
        if let fuzz = first.entry.fuzz { policy.fuzz = fuzz }
        if first.entry.isForGit { policy = .git }
        let (suffix, tree, inputs, placement) = (first.entry.backup, first.folder, patches, policy)
        try await BlockingWork.run { _ in
            let applied = try TreeTransaction(in: tree, workers: 2).apply(
                inputs.map { PatchSource($0) }, policy: placement,
                options: ApplicationOptions(keepsPreimages: suffix != nil)
            ) { applied in
                suffix.map { suffix in Self.copies(applied, suffix) } ?? []
            }
            if let failure = applied.report.failure { throw KernelTreeError.patchFails(message: failure.message) }
        }
    }

    /// What `patch -b` leaves: of each file its earlier state, and an empty file where there was none.
    private static func copies(_ applied: AppliedSeries, _ suffix: String) -> [FileChange] {
        applied.preimages.compactMap { preimage in
            RelativePath(preimage.path.bytes + Array(suffix.utf8)).map {
                FileChange(path: $0, before: nil, after: preimage.file ?? TreeFile(content: Blob([])))
            }
        }
    }

    private func write(_ file: String, _ text: String, appends: Bool, _ step: PrepStep) throws {
        let status = try folder.status(file, step)
        if let status, status.kind != .regular { throw folder.fails(step, "'\(file)' is not a regular file") }
        let before = appends && status != nil ? try folder.read(file, step) : []
        try folder.write(file, before + Array(text.utf8), permissions: status?.permissions ?? 0o644, step)
    }

    private func edit(_ file: String, _ script: SedScript, _ step: PrepStep) throws {
        guard let status = try folder.status(file, step), status.kind == .regular else {
            throw folder.fails(step, "there is no '\(file)' to change")
        }
        guard let result = script.run(on: try folder.read(file, step)) else {
            throw folder.fails(step, "'\(file)' cannot be edited: its lines are too long")
        }
        try folder.write(file, result, permissions: status.permissions, step)
    }

    private func replace(_ file: String, _ beginning: String, _ text: String, _ step: PrepStep) throws {
        guard let status = try folder.status(file, step), status.kind == .regular else {
            throw folder.fails(step, "there is no '\(file)' to change")
        }
        let lines = try folder.read(file, step).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { $0.starts(with: beginning.utf8) ? Array(text.utf8) : Array($0) }
        try folder.write(
            file, Array(lines.joined(separator: [UInt8(ascii: "\n")])), permissions: status.permissions, step)
    }
}
