import Bytes
import Concurrency
import Patching
import Synchronization
import SystemPackage

/// Takes the steps of a journal, forward or back. Each step can be taken again after an interruption.
///
/// Forward, where old and new are exchanged, a file that has been dealt with is the one whose staged name another inode
/// has. Elsewhere a file that is kept in `old` has been dealt with up to there, and one that is missing in `new` has
/// been put into place. Back, whatever has left its place returns to it; a journal that has begun to go back never goes
/// forward again.
struct TreeWalk: Sendable {
    private let transaction: TreeTransaction
    private let journal: TreeJournal
    private let new: [Beneath]
    private let old: Beneath

    init(_ transaction: TreeTransaction, _ journal: TreeJournal) throws {
        self.transaction = transaction
        self.journal = journal
        let stage = try transaction.top.open(TreeTransaction.stageName)
        new = try TreeTransaction.newNames.map { try stage.open($0) }
        old = try stage.open("old")
    }

    /// What failed, and the file it was about.
    struct Failure: Error {
        let file: String
        let error: any Error
    }

    private func check(_ step: String, _ path: RelativePath) throws {
        try transaction.checkpoint(.init(step: step, file: path.string))
    }

    /// Brings the new tree about.
    /// - Parameters:
    ///   - isFirst: Whether none of the steps has been taken before: then there is nothing to be looked for.
    ///   - workers: How many threads take steps; neighbours are left to one.
    /// - Throws: ``Failure``.
    func forward(isFirst: Bool, workers: Int) throws {
        // Deletions first: a folder may take the place of a deleted file.
        let (deletions, others) = (
            journal.steps.filter { $0.kind == .delete }, journal.steps.filter { $0.kind != .delete }
        )
        var folders = FolderCursor(transaction.top)
        for step in deletions { try attempt(step) { try delete($0, &folders, isFirst) } }
        let pieces = Self.pieces(of: others, most: workers * 4)
        try Parallel.forEach(count: pieces.count, workers: workers) { index in
            var folders = FolderCursor(transaction.top)
            for step in pieces[index] { try attempt(step) { try place($0, &folders, isFirst) } }
        }
        for step in deletions {
            try attempt(step) { step in
                try check("prune", step.path)
                try folders.prune(above: step.path)
            }
        }
    }

    private func attempt(_ step: TreeJournal.Step, _ body: (TreeJournal.Step) throws -> Void) throws {
        do { try body(step) } catch { throw Failure(file: step.path.string, error: error) }
    }

    /// Steps in pieces of about the same size, none of them ending within a folder.
    private static func pieces(of steps: [TreeJournal.Step], most: Int) -> [ArraySlice<TreeJournal.Step>] {
        let size = max(steps.count / max(most, 1), 64)
        var pieces: [ArraySlice<TreeJournal.Step>] = []
        var start = 0
        while start < steps.count {
            var end = min(start + size, steps.count)
            while end < steps.count, steps[end].path.parentBytes.elementsEqual(steps[end - 1].path.parentBytes) {
                end += 1
            }
            pieces.append(steps[start..<end])
            start = end
        }
        return pieces
    }

    private func delete(_ step: TreeJournal.Step, _ folders: inout FolderCursor, _ isFirst: Bool) throws {
        if !isFirst, old.exists(step.stagedName) { return }
        try check("remove", step.path)
        guard let folder = try folders.folder(of: step.path, make: false) else { return }
        try folder.rename(step.path.name, to: old, step.stagedName)
    }

    private func place(_ step: TreeJournal.Step, _ folders: inout FolderCursor, _ isFirst: Bool) throws {
        let new = step.folder(of: new)
        if !isFirst {
            guard let inode = new.inode(step.stagedName), step.inode == 0 || step.inode == inode else { return }
        }
        try check("folder", step.path)
        guard let folder = try folders.folder(of: step.path, make: true) else { return }
        let name = step.path.name
        if step.kind == .replace { folder.copyOwner(name, to: new, step.stagedName) }
        if step.inode != 0 {
            try check("place", step.path)
            if step.kind == .replace { return try folder.exchange(name, with: new, step.stagedName) }
            // What has come there since the tree was read stays.
            return try new.place(step.stagedName, in: folder, as: name)
        }
        if step.kind == .replace, isFirst || !old.exists(step.stagedName) {
            try check("keep", step.path)
            try folder.keep(name, in: old, as: step.stagedName)
        } else if step.kind == .create, folder.exists(name) {
            throw Errno.fileExists
        }
        try check("place", step.path)
        try new.rename(step.stagedName, to: folder, name)
    }

    /// Brings the old tree back.
    func backward() throws {
        var folders = FolderCursor(transaction.top)
        for step in journal.steps.reversed() where step.kind != .delete {
            try check("undo", step.path)
            let new = step.folder(of: new)
            if step.kind == .create {
                guard !new.exists(step.stagedName), let folder = try folders.folder(of: step.path, make: false) else {
                    continue
                }
                if folder.exists(step.path.name) { try folder.removeFile(step.path.name) }
            } else if step.inode != 0 {
                guard let inode = new.inode(step.stagedName), inode != step.inode,
                    let folder = try folders.folder(of: step.path, make: true)
                else { continue }
                try folder.exchange(step.path.name, with: new, step.stagedName)
            } else if old.exists(step.stagedName), let folder = try folders.folder(of: step.path, make: true) {
                try folder.restore(step.path.name, from: old, step.stagedName)
            }
        }
        for step in journal.steps where step.kind == .create { try folders.prune(above: step.path) }
        for step in journal.steps.reversed() where step.kind == .delete {
            try check("undo", step.path)
            guard old.exists(step.stagedName), let folder = try folders.folder(of: step.path, make: true) else {
                continue
            }
            try folder.restore(step.path.name, from: old, step.stagedName)
        }
    }
}

extension Beneath {
    /// Puts a kept file back. Two names of one file are left alone by rename(2), so the spare one is removed.
    fileprivate func restore(_ name: [UInt8], from old: Beneath, _ keptName: [UInt8]) throws(Errno) {
        try old.rename(keptName, to: self, name)
        if old.exists(keptName) { try old.removeFile(keptName) }
    }
}
