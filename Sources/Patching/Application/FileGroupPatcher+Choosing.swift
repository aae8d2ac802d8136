/// Which file of the tree a file patch is for.
extension FileGroupPatcher {
    mutating func moved(_ side: FileSide) throws -> FileChoice {
        let source = side.old ?? side.new ?? .unnamed
        let target = side.new ?? source
        if side.patch.isCopy && side.reverse {
            // Taking a copy back is removing it: its content must be what the patch made.
            var choice = FileChoice(source: source, target: source, operation: .delete)
            if try !state(source).exists { choice.failure = .nothingToDelete }
            // git wants to create the original again, GNU patch changes it: neither takes the copy away.
            if policy.reading == .git, try state(source).exists, try !wasThere(target) {
                return FileChoice(source: source, target: target, operation: .copy)
            }
            if policy.reading != .kit {
                choice.failure = .formatRefused(policy: policy.name, format: .reversedCopy)
            }
            return choice
        }
        var choice = FileChoice(source: source, target: target, operation: side.patch.isCopy ? .copy : .rename)
        if try !moveSource(choice).exists {
            // What has its new name already is patched there (GNU patch: "already renamed from").
            if policy.reading == .gnu, try state(target).exists, target != source {
                return FileChoice(source: target, operation: .modify)
            }
            choice.failure = .sourceMissing(source)
        } else if target != source, try state(target).exists, !leaves(target, side) {
            // git looks at what was there before all of the message.
            let isOverwritten = try policy.reading == .git && !wasThere(target)
            if !isOverwritten { choice.failure = .targetExists }
        }
        return choice
    }

    /// What forbids to make a file at a path while other files of the series are, or are not, where it or a folder on the
    /// way to it is to be.
    ///
    /// git takes files away before it makes any. GNU patch takes away what a patch in git's form removes when all of that
    /// patch is done, and what another one removes at once.
    func nestedObstacle(_ path: RelativePath, _ side: FileSide) throws -> FailureReason? {
        func isThere(_ other: RelativePath, _ file: WorkingFile) -> Bool {
            if policy.reading == .gnu, takenBy[other] == message.patch { return true }
            guard file.kind == .regular || file.kind == .symbolicLink else { return false }
            return policy.reading == .gnu || !leaves(other, side)
        }
        for folder in path.parents {
            guard let slot = slotOfPath[folder], isThere(folder, slots[slot]) else { continue }
            return .wrongKind(slots[slot].kind == .symbolicLink ? .behindLink : .belowFile)
        }
        let below = path.bytes + [UInt8(ascii: "/")]
        let isFolder = slotOfPath.contains { $0.key.bytes.starts(with: below) && isThere($0.key, slots[$0.value]) }
        return isFolder ? .wrongKind(.directory) : nil
    }

    /// Whether something was at a path before the patch.
    private mutating func wasThere(_ path: RelativePath) throws -> Bool {
        if let before = message.before[path] { return before.exists }
        return try state(path).exists
    }

    /// Whether the patch itself takes the file at this path away.
    func leaves(_ path: RelativePath, _ side: FileSide) -> Bool {
        parsed[message.patch].files.contains {
            let other = FileSide($0, reverse: side.reverse)
            // git leaves a copy where it is when it is taken back.
            let isRemoved = other.newAbsence == .missing && !(policy.reading == .git && other.patch.isCopy)
            return other.old == path && (other.patch.isRename || isRemoved)
        }
    }

    /// The file that GNU patch would take: the best name that exists, else the best name to create.
    mutating func chosen(_ side: FileSide) throws -> FileChoice {
        let names = side.names
        var existing: [RelativePath] = []
        for name in names where slots[try slot(name)].exists { existing.append(name) }
        guard let path = FileSide.best(existing) else {
            // `patch -f` deletes an empty file that is not there: it applies, and does nothing.
            if policy.appliesRepeated, side.newAbsence == .missing, side.patch.isGit, side.patch.hunks.isEmpty,
                let path = FileSide.best(names)
            {
                var choice = FileChoice(source: path, operation: .delete)
                choice.isDoneAlready = true
                return choice
            }
            guard side.oldAbsence > .no, let path = FileSide.best(names) else {
                var choice = FileChoice(source: FileSide.best(names) ?? .unnamed, operation: .modify)
                choice.operation = side.newAbsence == .missing ? .delete : .modify
                choice.failure = side.newAbsence == .missing ? .nothingToDelete : .fileMissing
                return choice
            }
            var choice = FileChoice(source: path, operation: .create)
            if side.newAbsence > .no && !(side.newAbsence == .emptyOrMissing && side.oldAbsence == .missing) {
                choice.failure = .nothingToDelete
            }
            return choice
        }
        var choice = FileChoice(source: path, operation: side.newAbsence == .missing ? .delete : .modify)
        let isEmpty = slots[try slot(path)].isEmpty
        if isEmpty {
            if side.oldAbsence > .no && side.newAbsence == .no { choice.operation = .create }
            // GNU patch takes an empty file for a missing one; with `-f` it goes on where there is nothing to be done.
            if policy.search == .gnu, side.newAbsence > .no,
                !(side.oldAbsence == .emptyOrMissing && side.newAbsence == .missing),
                !(policy.appliesRepeated && side.patch.hunks.isEmpty)
            {
                choice.failure = .nothingToDelete
            }
        }
        if side.oldAbsence == .missing && (policy.search == .git || !isEmpty) {
            choice.operation = .create
            choice.failure = .fileExists
        }
        return choice
    }

    /// What forbids to patch what is at the path.
    func obstacle(_ file: WorkingFile, _ side: FileSide) -> FailureReason? {
        switch file.kind {
        case .directory?, .special?, .behindLink?, .belowFile?: file.kind.map { .wrongKind($0) }
        // A link that only moves has no mode line (git); GNU patch refuses it all the same.
        case .symbolicLink? where !side.isLink && !(policy.reading != .gnu && side.moves && side.patch.isUnchanged):
            .wrongKind(.symbolicLink)
        case .regular? where side.isLink: .linkMismatch
        default: nil
        }
    }

    /// A patch for a submodule: git changes nothing but the commit it records, GNU patch writes a file that nobody wants.
    mutating func submodule(_ attempt: FailedAttempt, _ file: WorkingFile) -> FileReport {
        guard policy.search == .git else {
            return fail(attempt, .formatRefused(policy: policy.name, format: .submodule))
        }
        switch file.kind {
        case nil where attempt.side.oldAbsence == .no: return fail(attempt, .fileMissing)
        case nil, .directory?: return attempt.report(.clean, [])
        case let kind?: return fail(attempt, .wrongKind(kind))
        }
    }
}
