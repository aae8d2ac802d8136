public import Patching
public import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Writes changes to a folder all or nothing, so that a kill at any instant leaves the old tree or the new one after
/// the next call of ``recover(in:)`` or ``commit(_:in:workers:)``.
///
/// 1. All new content is written to files of its own in a stage folder inside the tree. A full disk shows here.
/// 2. A journal with every step is put there; from now on an interrupted run is completed, before that it is undone
///    by removing the stage.
/// 3. Folders are made, old files are kept in the stage by a second link, new ones are renamed into place. A file is
///    never written where it is: trees that share files by hard links stay independent.
/// 4. An error in step 3 takes back what was done. Then, or at the end, journal and stage are removed.
public struct TreeTransaction {
    /// The stage folder at the top of the tree, there only while a run writes.
    public static let stageName = ".dom0kit-stage"
    /// The journal while the run goes forward, and while it is taken back.
    static let journalNames = ["journal", "journal.undo"]

    /// What ``recover(in:)`` found.
    public enum Recovery: Sendable, Equatable {
        /// Nothing to do.
        case nothing
        /// A run that was interrupted before it changed the tree was cleared away.
        case discarded
        /// A run that was interrupted while it changed the tree was completed.
        case completed
        /// A run that was interrupted while it was taken back, or that cannot be completed, was taken back.
        case takenBack
    }

    /// A point where a test can make a run fail or stop.
    package struct Checkpoint: Sendable {
        /// What is about to be done: `stage`, `journal`, `folder`, `keep`, `place`, `remove`, `prune`, `clear`, `undo`.
        package let step: String
        /// The file concerned.
        package let file: String
    }

    /// Thrown by a test's checkpoint to leave everything as a kill would.
    package struct Abandoned: Error {
        package init() {}
    }

    let folder: FilePath
    let top: FolderHandle
    let checkpoint: (Checkpoint) throws -> Void
    private let workers: Int

    private init(
        _ folder: FilePath, workers: Int = 1, checkpoint: @escaping (Checkpoint) throws -> Void
    ) throws(FolderTreeError) {
        self.folder = folder
        self.workers = workers
        self.checkpoint = checkpoint
        top = try FolderHandle(folder)
    }

    /// Writes changes to a folder, all or nothing. An interrupted earlier run is dealt with first.
    /// - Parameters:
    ///   - changes: The changes; a path at most once.
    ///   - workers: How many threads write new content and remove the old.
    /// - Throws: ``FolderTreeError``; the tree is then as it was.
    public static func commit(
        _ changes: [FileChange], in folder: FilePath, workers: Int = 1
    ) throws(FolderTreeError) {
        do {
            try commit(changes, in: folder, workers: workers) { _ in }
        } catch let error as FolderTreeError {
            throw error
        } catch {
            throw .cannotWrite(folder: folder, file: stageName, errno: (error as? Errno) ?? .ioError)
        }
    }

    /// The same with a place for tests to interfere.
    package static func commit(
        _ changes: [FileChange], in folder: FilePath, workers: Int,
        checkpoint: @escaping (Checkpoint) throws -> Void
    ) throws {
        let transaction = try TreeTransaction(folder, workers: workers, checkpoint: checkpoint)
        _ = try transaction.recover()
        guard !changes.isEmpty else { return }
        if let own = changes.first(where: { $0.path.components.first == Array(stageName.utf8) }) {
            throw FolderTreeError.cannotWrite(folder: folder, file: own.path.string, errno: .notPermitted)
        }
        let journal = TreeJournal(changes)
        do {
            try transaction.stage(changes)
            try transaction.write(journal)
        } catch {
            if !(error is Abandoned) { transaction.clear() }
            throw transaction.diagnosed(error)
        }
        try transaction.carryOut(journal, isFirst: true)
        try transaction.end()
    }

    /// Completes or takes back what an interrupted run has left in a folder. Does nothing where there is nothing.
    /// - Throws: ``FolderTreeError``.
    public static func recover(in folder: FilePath) throws(FolderTreeError) -> Recovery {
        do {
            return try TreeTransaction(folder) { _ in }.recover()
        } catch let error as FolderTreeError {
            throw error
        } catch {
            throw .cannotWrite(folder: folder, file: stageName, errno: (error as? Errno) ?? .ioError)
        }
    }

    private func recover() throws -> Recovery {
        guard top.exists(Self.stageName) else { return .nothing }
        if let text = try top.read("\(Self.stageName)/\(Self.journalNames[1])") {
            try undo(try TreeJournal(text, folder: folder))
            clear()
            return .takenBack
        }
        guard let text = try top.read("\(Self.stageName)/\(Self.journalNames[0])") else {
            clear()
            return .discarded
        }
        let journal = try TreeJournal(text, folder: folder)
        do {
            try carryOut(journal, isFirst: false)
        } catch let error as FolderTreeError where !top.exists(Self.stageName) {
            _ = error  // Taken back: the tree is the old one, which is a good state too.
            return .takenBack
        }
        try end()
        return .completed
    }

    // MARK: - Steps

    private func stage(_ changes: [FileChange]) throws {
        try top.makeFolder(Self.stageName, permissions: 0o700)
        let stage = try top.open(Self.stageName)
        try stage.makeFolder("new", permissions: 0o700)
        try stage.makeFolder("old", permissions: 0o700)
        let new = try stage.open("new")
        let written = try Self.spread(changes.count, workers) { index in
            guard let file = changes[index].after else { return }
            try new.create("\(index)", file)
        } before: { index in
            try checkpoint(Checkpoint(step: "stage", file: changes[index].path.string))
        }
        if let (index, error) = written { throw cannotWrite(changes[index].path.string, error) }
    }

    private func write(_ journal: TreeJournal) throws {
        try checkpoint(Checkpoint(step: "journal", file: Self.stageName))
        let stage = try top.open(Self.stageName)
        let file = TreeFile(permissions: 0o600, content: Blob(journal.text))
        try stage.create("journal.part", file)
        try stage.rename("journal.part", in: stage, to: Self.journalNames[0])
    }

    /// Brings the new tree about, or takes everything back.
    /// - Parameter isFirst: Whether none of the steps has been taken before.
    private func carryOut(_ journal: TreeJournal, isFirst: Bool) throws {
        var done = "\(folder)"
        do {
            try TreeWalk(self, journal).forward(isFirst: isFirst) { done = $0 }
        } catch {
            if error is Abandoned { throw error }
            let stage = try top.open(Self.stageName)
            try stage.rename(Self.journalNames[0], in: stage, to: Self.journalNames[1])
            try undo(journal)
            clear()
            throw diagnosed(error, file: done)
        }
    }

    private func undo(_ journal: TreeJournal) throws { try TreeWalk(self, journal).backward() }

    /// The new tree is there: first the journal goes, which is the end of the transaction, then the rest.
    private func end() throws {
        try checkpoint(Checkpoint(step: "clear", file: Self.stageName))
        try top.open(Self.stageName).remove(Self.journalNames[0])
        try checkpoint(Checkpoint(step: "clear", file: Self.stageName))
        clear()
    }

    /// Removes the stage. What cannot be removed now is removed by the next run.
    private func clear() {
        guard let stage = try? top.open(Self.stageName) else { return }
        // A journal must never outlive the files it speaks of.
        for name in Self.journalNames { try? stage.remove(name) }
        for name in ["new", "old"] {
            guard let inner = try? stage.open(name) else { continue }
            let names = inner.names()
            // What the old files held is given back here, which takes its time.
            _ = try? Self.spread(names.count, workers) {
                try? inner.remove(names[$0])
            } before: { _ in
            }
            try? stage.removeFolder(name)
        }
        for entry in stage.names() { try? stage.remove(entry) }
        try? top.removeFolder(Self.stageName)
    }

    // MARK: - Errors

    private func cannotWrite(_ file: String, _ error: any Error) -> any Error {
        guard let errno = error as? Errno else { return error }
        if errno == .notDirectory || errno == .tooManySymbolicLinkLevels {
            return FolderTreeError.notAFolder(folder: folder, file: file)
        }
        return FolderTreeError.cannotWrite(folder: folder, file: file, errno: errno)
    }

    private func diagnosed(_ error: any Error, file: String = stageName) -> any Error { cannotWrite(file, error) }
}
