import Bytes
public import Diagnostics
import Merging
import Patching
import Series
public import SystemPackage

/// A series with conflicts to go on with: what somebody has solved is taken, and the series is moved again.
public struct RebaseContinuation: Sendable {
    /// What is done beside taking what is solved.
    public enum Step: Sendable, Equatable {
        /// Nothing.
        case proceed
        /// Patches in conflict are left out; without a name the first.
        case skip([String])
        /// Nothing is written: only what would come of it is told.
        case look
    }

    private let request: RebaseRequest
    private let state: RebaseState
    private let folder: FilePath

    /// Asks to go on.
    /// - Parameters:
    ///   - request: The request that began it.
    ///   - folder: The folder of the new series.
    /// - Throws: As ``RebaseState/read(_:)``.
    public init(_ request: RebaseRequest, in folder: FilePath) throws {
        self.request = request
        self.folder = folder
        state = try RebaseState.read(folder)
    }

    /// Takes what is solved and moves the series again.
    ///
    /// 1. The series is moved once more as it was: what comes of it has to be what lies in the folder, otherwise the trees or
    ///    the series are others by now.
    /// 2. What differs from that in the folder is what somebody has solved.
    /// 3. With that the series is moved again, and the new folder takes the place of the old one in one step.
    /// - Throws: ``PortingError``, and as ``RebaseRequest/perform(progress:)``.
    public func perform(_ step: Step, progress: any ProgressSink) async throws -> RebaseRequest.Outcome {
        var run = try await RebaseRun(request, progress: progress)
        guard run.digest == state.series else { throw PortingError.inputsChanged(folder: folder, what: "the series") }
        try takeResolutions(&run)
        run.skipped = Set(state.skipped)
        try await run.port()
        guard run.unfit == nil else { throw PortingError.inputsChanged(folder: folder, what: "the old tree") }
        let before = run.patches
        let solved = try Solutions(before, run.inputs, state, folder)
        for resolution in solved.resolutions { run.resolutions.decide(resolution) }
        let open = before.filter { $0.verdict == .conflict }.map(\.name)
        if case .skip(let names) = step {
            for name in names where !open.contains(name) {
                throw PortingError.notInConflict(patch: name, open: open)
            }
            run.skipped.formUnion(names.isEmpty ? open.prefix(1) : names[...])
        }
        if !solved.resolutions.isEmpty || run.skipped != Set(state.skipped) { try await run.port() }
        try await run.tellHistory()
        if step == .look { return try run.outcome(in: folder) }
        let next = try RebaseFolder(folder)
        do {
            let kept = solved.kept(before, run.patches)
            // What is not taken stays with the conflict, where it can be mended.
            for (patch, input) in zip(run.patches, run.inputs) where patch.refusal != nil {
                run.resolutions.takeBack(.patch(input.blob.bytes))
            }
            try run.write(to: next, kept: kept, state: state)
            try next.replace(written: Set(state.written.keys))
        } catch {
            next.discard()
            throw error
        }
        try run.keep()
        return try run.outcome(in: folder)
    }

    /// What was decided before, and what others have decided: also what somebody has put into the folder meanwhile.
    private func takeResolutions(_ run: inout RebaseRun) throws {
        let own = folder.appending(RebaseFolder.resolutions)
        guard Files.isDirectory(own) else { return try run.takeResolutions() }
        for name in try Files.list(own) where name.hasSuffix(Resolutions.suffix) {
            let file = own.appending(name)
            let known = state.written["\(RebaseFolder.resolutions)/\(name)"]
            let content = try RebaseFolder.content("\(RebaseFolder.resolutions)/\(name)", in: folder)
            let isOwn = known != nil && content.map { Digest(of: $0).hex } == known
            try run.resolutions.take(file: file, isOwn: isOwn)
        }
        try run.takeResolutions()
    }

    /// Gives it up: what was written is removed.
    /// - Returns: The files that are left because they are not the kit's.
    /// - Throws: `BytesError`.
    ///
    /// Only what is below the folder is removed, by names that go through no link.
    public static func abort(_ folder: FilePath) throws -> [FilePath] {
        let state = try RebaseState.read(folder)
        let files = try RebaseFolder.files(in: folder)
        let left = files.filter { state.written[$0] == nil && $0 != RebaseState.name }
        if left.isEmpty {
            try Files.remove(folder)
            return []
        }
        // The state last: as long as it is there, this can be done again.
        for name in files.filter({ state.written[$0] != nil }) + [RebaseState.name] {
            do throws(Errno) {
                try Beneath(opening: folder).remove(Array(name.utf8))
            } catch { throw BytesError(path: folder.pushing(FilePath(name)), operation: .remove, errno: error) }
        }
        return left.map { folder.pushing(FilePath($0)) }
    }
}

/// What somebody has solved in the folder of a new series.
private struct Solutions {
    private(set) var resolutions: [Resolution] = []
    /// The files with marks that somebody has changed, with what was read of them.
    private var edits: [String: (content: [UInt8], solution: MergeSolution)] = [:]
    /// The patches that somebody has written, by the name of the one whose place they take.
    private var written: [String: [UInt8]] = [:]

    /// Looks at every file that was written.
    init(_ patches: [PortedPatch], _ inputs: [PatchInput], _ state: RebaseState, _ folder: FilePath) throws {
        var known: Set<String> = []
        /// The content of a file that was changed; `nil` for one that was not, or that is gone.
        func changed(_ name: String, from original: [UInt8]?) throws -> [UInt8]? {
            guard let digest = state.written[name] else { return nil }
            known.insert(name)
            if let original, Digest(of: original).hex != digest {
                throw PortingError.inputsChanged(folder: folder, what: "a tree")
            }
            guard let content = try RebaseFolder.content(name, in: folder) else { return nil }
            return Digest(of: content).hex == digest ? nil : content
        }
        for (patch, input) in zip(patches, inputs) {
            func take(_ name: String, from original: [UInt8]?) throws {
                guard let content = try changed(name, from: original) else { return }
                written[patch.name] = content
                resolutions.append(
                    Resolution(
                        kind: .patch, patch: patch.name, file: "",
                        conflict: MergeConflict(base: input.blob.bytes, ours: [], theirs: []), answer: content))
            }
            guard patch.verdict == .conflict else {
                // The patch for the twins is made anew each time.
                if input.blob.count == 0 { continue }
                try take(RebaseRun.plainName(patch.name), from: nil)
                try take(patch.name, from: nil)
                continue
            }
            if patch.blob != nil, input.blob.count > 0 { try take(RebaseRun.plainName(patch.name), from: nil) }
            let place = RebaseFolder.place(of: patch)
            known.insert("\(place)/about")
            try take("\(place)/patch", from: input.blob.bytes)
            for file in patch.files {
                guard let marked = file.marked else { continue }
                let name = RebaseFolder.place(of: file, in: patch)
                guard let content = try changed(name, from: marked), let solution = file.solution(in: content) else {
                    continue
                }
                edits[name] = (content, solution)
                resolutions += Self.resolutions(solution, content, file, patch)
            }
        }
        for name in state.written.keys.sorted() where !known.contains(name) {
            if name.hasPrefix(RebaseFolder.resolutions + "/") { continue }
            if try changed(name, from: nil) != nil { throw PortingError.edited(file: folder.pushing(FilePath(name))) }
        }
    }

    private static func resolutions(
        _ solution: MergeSolution, _ content: [UInt8], _ file: PortedPatch.File, _ patch: PortedPatch
    ) -> [Resolution] {
        switch solution {
        case .open, .unclear: return []
        case .conflicts(let answers, _):
            return (file.merge?.conflicts ?? []).compactMap { conflict in
                answers[conflict].map {
                    Resolution(
                        kind: .lines, patch: patch.name, file: file.path.string, conflict: conflict, answer: $0)
                }
            }
        case .wholeFile:
            guard let sides = file.content else { return [] }
            return [
                Resolution(
                    kind: .file, patch: patch.name, file: file.path.string,
                    conflict: MergeConflict(base: sides.before, ours: sides.after, theirs: sides.there),
                    answer: content)
            ]
        }
    }

    /// What somebody has written and what is not taken yet: it stays where it is as long as the conflict is the same, and
    /// lies beside it where the conflict has become another.
    func kept(_ before: [PortedPatch], _ after: [PortedPatch]) -> RebaseFolder.Kept {
        var kept: RebaseFolder.Kept = [:]
        for (old, new) in zip(before, after) where new.verdict == .conflict {
            if new.refusal != nil, let content = written[new.name] {
                kept["\(RebaseFolder.place(of: new))/patch"] = content
            }
            for file in old.files {
                let name = RebaseFolder.place(of: file, in: old)
                guard let edit = edits[name], let now = new.files.first(where: { $0.path == file.path }) else {
                    continue
                }
                if edit.solution == .unclear, now.marked == file.marked {
                    kept[name] = edit.content
                } else if let left = now.merge?.conflicts, !Set(left).isSubset(of: file.merge?.conflicts ?? []) {
                    kept["\(RebaseFolder.place(of: old))/before/\(FilePath(file.path.string).lexicallyNormalized())"] =
                        edit.content
                }
            }
        }
        return kept
    }
}
