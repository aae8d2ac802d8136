import Bytes
import Concurrency
import Glibc
public import Patching
import Synchronization
public import SystemPackage

/// Writes changes to a folder all or nothing, so that a kill at any instant leaves the old tree or the new one after
/// the next transaction.
///
/// 1. All new content is written to files of its own in a stage folder inside the tree, as it comes. A full disk shows
///    here.
/// 2. A journal with every step is put there; from now on an interrupted run is completed, before that it is undone
///    by removing the stage.
/// 3. Folders are made, new files are exchanged with the old ones, which are kept in the stage; where the file system
///    cannot do that, the old ones are kept by a second link and the new ones renamed into place. A file is never
///    written where it is: trees that share files by hard links stay independent.
/// 4. An error in step 3 rolls back what was done. Then, or at the end, journal and stage are removed.
public final class TreeTransaction: ChangeSink {
    /// The stage folder at the top of the tree, there only while a run applies patches and writes.
    public static let stageName = ".dom0kit-stage"
    /// The folders of the stage where new files are put in turn: threads that write to different ones do not wait for
    /// each other.
    static let newNames = (0..<8).map { "new\($0)" }
    /// The journal while the run goes forward, and while it is rolled back.
    static let journalNames = ["journal", "journal.undo"]

    /// What ``recover(in:)`` found.
    package enum Recovery: Sendable, Equatable {
        /// Nothing to do.
        case nothing
        /// A run that was interrupted before it changed the tree was cleared away.
        case discarded
        /// A run that was interrupted while it changed the tree was completed.
        case completed
        /// A run that was interrupted while it was rolled back, or that cannot be completed, was rolled back.
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
    private let lock: FolderLock
    /// The tree's top.
    var top: Beneath { lock.folder }
    let checkpoint: @Sendable (Checkpoint) throws -> Void
    let workers: Int
    private let state = Mutex(State())
    private let numbers = Atomic<Int>(0)
    /// Whether names may be exchanged, where the file system can do it.
    private let mayExchange: Bool

    /// The folders for new files, and whether they will be exchanged with the old ones.
    private struct Stage {
        let folders: [Beneath]
        let exchanges: Bool
    }

    private struct State {
        /// Where new files are put, once there are any.
        var stage: Stage?
        var steps: [TreeJournal.Step] = []
        /// The first error, with the file it is about.
        var failure: (file: String, error: any Error)?
        /// The times of the folder before anything was made in it; `nil` as long as nothing was.
        var times: Beneath.Times?
        var isOver = false
    }

    /// Takes the right to write to a folder, until the end of the transaction, and deals with what an interrupted earlier
    /// run has left. Nothing else is done before the first change is taken.
    /// - Parameter workers: How many threads apply patches, put files into place and remove the old ones.
    /// - Throws: ``FolderTreeError``.
    public convenience init(in folder: FilePath, workers: Int = 1) throws(FolderTreeError) {
        do {
            try self.init(in: folder, workers: workers) { _ in }
        } catch { throw Self.known(error, folder) }
    }

    /// The same with a place for tests to interfere.
    package init(
        in folder: FilePath, workers: Int, mayExchange: Bool = true,
        checkpoint: @escaping @Sendable (Checkpoint) throws -> Void
    ) throws {
        self.folder = folder
        self.workers = workers
        self.mayExchange = mayExchange
        self.checkpoint = checkpoint
        lock = try FolderLock(folder)
        _ = try recover()
    }

    private init(recovering folder: FilePath) throws(FolderTreeError) {
        self.folder = folder
        workers = 1
        mayExchange = true
        checkpoint = { _ in }
        lock = try FolderLock(folder)
    }

    deinit { discard() }

    /// Puts the new state of a file into the stage. An error shows in ``commit()``.
    public func take(_ change: FileChange) {
        guard let stage = stage(for: change), var step = TreeJournal.Step(change, number: next()) else { return }
        do {
            if let file = change.after {
                let inode = try step.folder(of: stage.folders).create("\(step.number)", file)
                if stage.exchanges { step.inode = inode }
            }
            state.withLock { $0.steps.append(step) }
        } catch {
            state.withLock { $0.failure = $0.failure ?? (change.path.string, error) }
        }
    }

    private func next() -> Int { numbers.wrappingAdd(1, ordering: .relaxed).oldValue }

    /// Where new files go. The first call makes it.
    /// - Returns: `nil` where nothing is to be staged any more: the transaction is over, or has failed, maybe here.
    private func stage(for change: FileChange) -> Stage? {
        state.withLock { state in
            guard state.failure == nil, !state.isOver else { return nil }
            do {
                if change.path.components.first?.elementsEqual(Self.stageName.utf8) == true {
                    throw Errno.notPermitted
                }
                try checkpoint(Checkpoint(step: "stage", file: change.path.string))
                if state.stage == nil {
                    state.times = try top.times()
                    state.stage = try makeStage()
                }
            } catch { state.failure = (change.path.string, error) }
            return state.failure == nil ? state.stage : nil
        }
    }

    private func makeStage() throws(Errno) -> Stage {
        let folder = try TreeStage.make(in: top).folder
        for name in Self.newNames + ["old"] { try folder.makeFolder(name, permissions: 0o700) }
        var folders: [Beneath] = []
        for name in Self.newNames { folders.append(try folder.open(name)) }
        return Stage(folders: folders, exchanges: mayExchange && folder.canExchange)
    }

    /// Brings the tree with all changes about. The transaction is over then.
    /// - Throws: ``FolderTreeError``; the tree is then as it was.
    public func commit() throws(FolderTreeError) {
        do {
            try finish()
        } catch { throw Self.known(error, folder) }
    }

    /// The same with the errors that tests have made.
    package func finish() throws {
        let (steps, failure) = state.withLock { ($0.steps, $0.failure) }
        do {
            if let failure { throw cannotWrite(failure.file, failure.error) }
            guard !steps.isEmpty else { return discard() }
            let journal = TreeJournal(steps)
            do { try write(journal) } catch { throw cannotWrite(Self.stageName, error) }
            state.withLock { $0.isOver = true }
            try carryOut(journal, isFirst: true)
        } catch {
            if error is Abandoned { state.withLock { $0.isOver = true } } else { discard() }
            throw error
        }
        try end()
        lock.unlock()
    }

    /// Ends the transaction without a change of the tree, if it is not over.
    public func discard() {
        let times = state.withLock { state -> Beneath.Times? in
            defer { state.isOver = true }
            return state.isOver ? nil : state.times
        }
        if let times {
            clear()
            // Nothing has happened: not even the folder's times show that anything was tried.
            top.set(times)
        }
        lock.unlock()
    }

    /// A whole transaction, for tests, with a place for them to interfere.
    package static func commit(
        _ changes: [FileChange], in folder: FilePath, workers: Int = 1, mayExchange: Bool = true,
        checkpoint: @escaping @Sendable (Checkpoint) throws -> Void = { _ in }
    ) throws {
        let transaction = try TreeTransaction(
            in: folder, workers: workers, mayExchange: mayExchange, checkpoint: checkpoint)
        Parallel.forEach(count: changes.count, workers: workers) { transaction.take(changes[$0]) }
        try transaction.finish()
    }

    /// Completes or rolls back what an interrupted run has left in a folder, as the next transaction does, and tells
    /// what it was. Does nothing where there is nothing.
    /// - Throws: ``FolderTreeError``.
    package static func recover(in folder: FilePath) throws(FolderTreeError) -> Recovery {
        do {
            return try TreeTransaction(recovering: folder).recover()
        } catch { throw known(error, folder) }
    }

    private func recover() throws -> Recovery {
        guard top.exists(Self.stageName) else { return .nothing }
        let stage = try TreeStage(in: top)
        guard try stage.isOwn() else { throw FolderTreeError.foreignStage(folder: folder) }
        if let text = try stage.content(of: Self.journalNames[1]) {
            try undo(try TreeJournal(text, folder: folder))
            clear()
            return .takenBack
        }
        guard let text = try stage.content(of: Self.journalNames[0]) else {
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

    private func write(_ journal: TreeJournal) throws {
        try checkpoint(Checkpoint(step: "journal", file: Self.stageName))
        let stage = try top.open(Self.stageName)
        let file = TreeFile(permissions: 0o600, content: Blob(journal.text))
        _ = try stage.create("journal.part", file)
        try stage.rename("journal.part", in: stage, to: Self.journalNames[0])
    }

    /// Brings the new tree about, or takes everything back.
    /// - Parameter isFirst: Whether none of the steps has been taken before.
    private func carryOut(_ journal: TreeJournal, isFirst: Bool) throws {
        do {
            try TreeWalk(self, journal).forward(isFirst: isFirst, workers: workers)
        } catch {
            let failure = error as? TreeWalk.Failure
            if failure?.error is Abandoned { throw Abandoned() }
            let stage = try top.open(Self.stageName)
            try stage.rename(Self.journalNames[0], in: stage, to: Self.journalNames[1])
            try undo(journal)
            clear()
            throw cannotWrite(failure?.file ?? Self.stageName, failure?.error ?? error)
        }
    }

    private func undo(_ journal: TreeJournal) throws { try TreeWalk(self, journal).backward() }

    /// The new tree is there: first the journal goes, which is the end of the transaction, then the rest.
    private func end() throws {
        try checkpoint(Checkpoint(step: "clear", file: Self.stageName))
        try top.open(Self.stageName).removeFile(Self.journalNames[0])
        try checkpoint(Checkpoint(step: "clear", file: Self.stageName))
        clear()
    }

    /// Removes the stage. What cannot be removed now is removed by the next run.
    private func clear() {
        guard let stage = try? top.open(Self.stageName) else { return }
        // A journal must never outlive the files it names.
        for name in Self.journalNames { try? stage.removeFile(name) }
        // What the old files held is given back here, which takes its time.
        let folders = Self.newNames + ["old"]
        Parallel.forEach(count: folders.count, workers: workers) { index in
            guard let inner = try? stage.open(folders[index]) else { return }
            for name in (try? inner.names()) ?? [] { try? inner.removeFile(name) }
            try? stage.removeFolder(folders[index])
        }
        for entry in (try? stage.names()) ?? [] { try? stage.removeFile(entry) }
        try? top.removeFolder(Self.stageName)
    }

    // MARK: - Errors

    private static func known(_ error: any Error, _ folder: FilePath) -> FolderTreeError {
        if let error = error as? FolderTreeError { return error }
        return .cannotWrite(folder: folder, file: stageName, errno: (error as? Errno) ?? .ioError)
    }

    private func cannotWrite(_ file: String, _ error: any Error) -> any Error {
        guard let errno = error as? Errno else { return error }
        if errno == .notDirectory || errno == .tooManySymbolicLinkLevels {
            return FolderTreeError.notAFolder(folder: folder, file: file)
        }
        return FolderTreeError.cannotWrite(folder: folder, file: file, errno: errno)
    }
}
