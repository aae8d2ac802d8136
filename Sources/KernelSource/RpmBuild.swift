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
    let root: FilePath
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
    ) {
        self.plan = plan
        self.root = root
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
            for path in try paths.flatMap({ try expand($0, step) }) {
                try await BlockingWork.run { _ in try Files.remove(path) }
            }
        case .makeFolders(let paths): for path in paths { try Files.createDirectories(try place(path, step)) }
        case .touch(let paths):
            for path in paths where !Files.exists(try place(path, step)) {
                try Files.write("", to: try place(path, step))
            }
        case .makeExecutable(let paths):
            for path in try paths.flatMap({ try expand($0, step) }) {
                guard chmod(path.string, 0o755) == 0 else { throw fails(step, "\(path) is not there") }
            }
        case .copy(let from, let to, let linked, let following):
            let copied = try await copy(from, to: to, linked: linked, step)
            if following { try follow(copied) }
        case .move(let from, let to):
            let target = try place(to, step)
            for path in try from.flatMap({ try expand($0, step) }) {
                let into = Files.isDirectory(target) ? target.appending(path.lastComponent?.string ?? "") : target
                guard Files.exists(path) else {
                    throw fails(step, "there is no \(path.lastComponent?.string ?? "") to move")
                }
                try Rename.move(path, to: into)
            }
        case .removeMatching(let folder, let patterns): try await removeMatching(try place(folder, step), patterns)
        case .restoreBackups(let folders, let suffix):
            guard appliesPatches else { return }
            for folder in try folders.flatMap({ try expand($0, step) }) { try restore(folder, suffix) }
        case .replaceLines(let file, let beginning, let text): try replace(try place(file, step), beginning, text, step)
        case .conditional(let test, let path, let negated, let then, let otherwise):
            let isThere = holds(test, try place(path, step))
            try await run(isThere != negated ? then : otherwise)
        case .patch: break
        }
    }

    // MARK: places

    func fails(_ step: PrepStep, _ reason: String) -> KernelTreeError {
        .prepFails(spec: spec, line: step.line, reason: reason)
    }

    /// A path below the build folder, no part of which but the last is a link.
    func place(_ path: String, _ step: PrepStep) throws -> FilePath {
        var result = root
        let parts = path.split(separator: "/")
        for (index, part) in parts.enumerated() {
            guard part != "..", part != "." else { throw fails(step, "the path '\(path)' leads outside") }
            result = result.appending(String(part))
            var status = stat()
            if index < parts.count - 1, lstat(result.string, &status) == 0, status.st_mode & S_IFMT == S_IFLNK {
                throw fails(step, "the path '\(path)' leads through the symbolic link \(part)")
            }
        }
        return result
    }

    /// The paths that a pattern of the last part stands for, in order; the path itself where it is none.
    private func expand(_ path: String, _ step: PrepStep) throws -> [FilePath] {
        guard path.contains(where: { "*?[".contains($0) }) else { return [try place(path, step)] }
        let parts = path.split(separator: "/").map(String.init)
        let folder = try place(parts.dropLast().joined(separator: "/"), step)
        guard let pattern = parts.last, Files.isDirectory(folder) else { return [] }
        return try Files.list(folder).filter { !$0.hasPrefix(".") && fnmatch(pattern, $0, 0) == 0 }.map(
            folder.appending)
    }

    private func holds(_ test: PrepStep.Test, _ path: FilePath) -> Bool {
        var status = stat()
        switch test {
        case .folder: return Files.isDirectory(path)
        case .file: return Files.isRegular(path)
        case .anything: return Files.exists(path)
        case .link: return lstat(path.string, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
        case .notEmpty: return stat(path.string, &status) == 0 && status.st_size > 0
        }
    }

    /// A file of the source package.
    private mutating func source(_ name: String) throws -> FilePath {
        guard let path = plan.folders.map({ $0.appending(name) }).first(where: Files.isRegular) else {
            throw KernelTreeError.missingSource(of: spec, name: name, address: plan.addresses[name])
        }
        used[name] = path
        return path
    }

    // MARK: steps

    private mutating func unpack(_ archive: String, into folder: String, _ step: PrepStep) async throws {
        let target = try place(folder, step)
        if let base, plan.folders.allSatisfy({ !Files.isRegular($0.appending(archive)) }) {
            // The archive's own folder is called as it is, without its endings.
            let name = archive.prefix { $0 != "." || !archive.contains(".tar") }
            let stem = archive.contains(".tar") ? Self.stem(archive) : String(name)
            progress.report(.began(what: "copy \(base)"))
            _ = try await TreeCopy(leavingOut: [".git"]).copy(base, to: target.appending(stem), progress: progress)
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

    private mutating func copy(
        _ from: [PrepStep.Place], to: String, linked: Bool, _ step: PrepStep
    ) async throws -> [FilePath] {
        var copied: [FilePath] = []
        let target = try place(to, step)
        for item in from {
            let paths: [FilePath]
            switch item {
            case .build(let path): paths = try expand(path, step)
            case .source(let name): paths = try sources(name)
            }
            for path in paths {
                let into = Files.isDirectory(target) ? target.appending(path.lastComponent?.string ?? "") : target
                if Files.isDirectory(path) {
                    progress.report(.began(what: "copy \(path.lastComponent?.string ?? "")"))
                    _ = try await TreeCopy(linked ? .link : .copy).copy(path, to: into, progress: progress)
                } else if Files.isRegular(path) {
                    var status = stat()
                    _ = stat(path.string, &status)
                    try Files.write(
                        try Files.read(path), to: into,
                        permissions: FilePermissions(rawValue: status.st_mode & 0o777 | 0o600))
                } else {
                    throw fails(step, "there is no \(path.lastComponent?.string ?? "") to copy")
                }
                copied.append(into)
            }
        }
        return copied
    }

    /// Puts the files that links point to in the place of the links, as `cp -rl` does.
    private func follow(_ folders: [FilePath]) throws {
        guard let real = realpath(root.string, nil) else { return }
        defer { free(real) }
        let top = String(cString: real)
        for path in try folders.flatMap({ try Self.files(below: $0) }) {
            var status = stat()
            guard lstat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, Files.isRegular(path),
                let target = realpath(path.string, nil)
            else { continue }
            defer { free(target) }
            // The links of an unpacked archive stay in it; this is for links that patches made.
            let place = String(cString: target)
            guard place.hasPrefix(top + "/") else { continue }
            try Files.remove(path)
            guard link(place, path.string) == 0 else {
                throw KernelTreeError.system(BytesError(path: path, operation: .create, errno: Errno(rawValue: errno)))
            }
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
                throw fails(step, "the folder that '\(entry.name)' is applied in is not known")
            }
            if case .file(let path) = entry.content { used[entry.name] = path }
            if first == nil { first = (entry, try place(name, step)) }
            patches.append(try PatchSeries.load(entry).input)
        }
        guard let first, !patches.isEmpty else { return }
        progress.report(.began(what: "apply \(patches.count) patches of the spec"))
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

    private func restore(_ folder: FilePath, _ suffix: String) throws {
        for path in try Self.files(below: folder) {
            guard let name = path.lastComponent?.string, name.hasSuffix(suffix), name.count > suffix.count else {
                continue
            }
            let target = path.removingLastComponent().appending(String(name.dropLast(suffix.count)))
            try Rename.move(path, to: target)
            var status = stat()
            if lstat(target.string, &status) == 0, status.st_size == 0 { try Files.remove(target) }
        }
    }

    private func removeMatching(_ folder: FilePath, _ patterns: [String]) async throws {
        try await BlockingWork.run { _ in
            for path in try Self.files(below: folder) {
                guard let name = path.lastComponent?.string else { continue }
                if patterns.contains(where: { fnmatch($0, name, 0) == 0 }) { try Files.remove(path) }
            }
        }
    }

    /// The files below a folder; links are not followed.
    private static func files(below folder: FilePath) throws -> [FilePath] {
        var result: [FilePath] = []
        var pending = [folder]
        while let next = pending.popLast() {
            guard Files.isDirectory(next) else { continue }
            for name in try Files.list(next) {
                let path = next.appending(name)
                var status = stat()
                guard lstat(path.string, &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR { pending.append(path) } else { result.append(path) }
            }
        }
        return result
    }

    private func replace(_ file: FilePath, _ beginning: String, _ text: String, _ step: PrepStep) throws {
        guard Files.isRegular(file) else {
            throw fails(step, "there is no \(file.lastComponent?.string ?? "") to change")
        }
        var status = stat()
        _ = stat(file.string, &status)
        let lines = try Files.read(file).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            line in
            line.starts(with: beginning.utf8) ? Array(text.utf8) : Array(line)
        }
        try Files.write(
            Array(lines.joined(separator: [UInt8(ascii: "\n")])), to: file,
            permissions: FilePermissions(rawValue: status.st_mode & 0o777 | 0o600))
    }
}
