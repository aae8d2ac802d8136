import Patching
import SystemPackage

/// Takes the steps of a journal, forward or back. Each step can be taken again after an interruption.
///
/// Forward, a file that is kept in `old` has been dealt with up to there, and one that is missing in `new` has been
/// put into place. Back, whatever is kept in `old` returns to its place; a journal that has begun to go back never
/// goes forward again.
struct TreeWalk {
    private let transaction: TreeTransaction
    private let journal: TreeJournal

    init(_ transaction: TreeTransaction, _ journal: TreeJournal) {
        self.transaction = transaction
        self.journal = journal
    }

    private func check(_ step: String, _ path: RelativePath) throws {
        try transaction.checkpoint(.init(step: step, file: path.string))
    }

    /// Brings the new tree about.
    /// - Parameters:
    ///   - isFirst: Whether none of the steps has been taken before: then there is nothing to be looked for.
    ///   - began: Told of each file before it is touched.
    func forward(isFirst: Bool, _ began: (String) -> Void) throws {
        let stage = try transaction.top.open(TreeTransaction.stageName)
        let new = try stage.open("new")
        let old = try stage.open("old")
        var folders = FolderCursor(transaction.top)
        // Deletions first: a folder may take the place of a deleted file.
        for step in journal.steps where step.kind == .delete {
            began(step.path.string)
            if !isFirst, old.exists(step.stagedName) { continue }
            try check("remove", step.path)
            guard let folder = try folders.folder(of: step.path, make: false) else { continue }
            try folder.rename(step.path.name, to: old, step.stagedName)
        }
        for step in journal.steps where step.kind != .delete {
            began(step.path.string)
            guard isFirst || new.exists(step.stagedName) else { continue }
            try check("folder", step.path)
            guard let folder = try folders.folder(of: step.path, make: true) else { continue }
            if step.kind == .replace, isFirst || !old.exists(step.stagedName) {
                folder.copyOwner(step.path.name, to: new, step.stagedName)
                try check("keep", step.path)
                try folder.keep(step.path.name, in: old, as: step.stagedName)
            } else if step.kind == .create, folder.exists(step.path.name) {
                // Something has come there since the tree was read.
                throw Errno.fileExists
            }
            try check("place", step.path)
            try new.rename(step.stagedName, to: folder, step.path.name)
        }
        for step in journal.steps where step.kind == .delete {
            try check("prune", step.path)
            try folders.prune(above: step.path)
        }
    }

    /// Brings the old tree back.
    func backward() throws {
        let stage = try transaction.top.open(TreeTransaction.stageName)
        let new = try stage.open("new")
        let old = try stage.open("old")
        var folders = FolderCursor(transaction.top)
        for step in journal.steps.reversed() where step.kind != .delete {
            try check("undo", step.path)
            if step.kind == .create {
                guard !new.exists(step.stagedName), let folder = try folders.folder(of: step.path, make: false) else {
                    continue
                }
                if folder.exists(step.path.name) { try folder.remove(step.path.name) }
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

extension FolderHandle {
    /// Puts a kept file back. Two names of one file are left alone by rename(2), so the spare one is removed.
    fileprivate func restore(_ name: [UInt8], from old: FolderHandle, _ keptName: [UInt8]) throws(Errno) {
        try old.rename(keptName, to: self, name)
        if old.exists(keptName) { try old.remove(keptName) }
    }
}

/// The folders of a tree, opened one below the other and kept open while neighbours are worked on.
struct FolderCursor {
    private let top: FolderHandle
    private var open: [(name: [UInt8], handle: FolderHandle)] = []

    init(_ top: FolderHandle) { self.top = top }

    /// The folder of a file; `nil` where it is not there and is not to be made.
    mutating func folder(of path: RelativePath, make: Bool) throws(Errno) -> FolderHandle? {
        let names = path.components.dropLast()
        var depth = 0
        while depth < open.count, depth < names.count, open[depth].name == names[depth] { depth += 1 }
        open.removeSubrange(depth...)
        for name in names[depth...] {
            let above = open.last?.handle ?? top
            if make && !above.exists(name) { try above.makeFolder(name) }
            do {
                open.append((name, try above.open(name)))
            } catch .noSuchFileOrDirectory where !make {
                return nil
            }
        }
        return open.last?.handle ?? top
    }

    /// Removes the folders above a file as far as they are empty.
    mutating func prune(above path: RelativePath) throws(Errno) {
        for folder in path.parents.reversed() {
            guard let above = try self.folder(of: folder, make: false) else { continue }
            do {
                try above.removeFolder(folder.name)
            } catch .noSuchFileOrDirectory {
                continue
            } catch {
                return
            }
            open.removeAll()
        }
    }
}
