import Patching

/// What holds for every series on every tree.
///
/// An input is split at lines `=====`: the files `f`, `d/g` and `e`, then the patches.
enum EngineChecks {
    private static let policies = PlacementPolicy.named + [.standard]

    static func check(_ bytes: [UInt8]) {
        let parts = split(bytes)
        guard parts.count > 3 else { return }
        var tree = MemoryTree()
        for (name, content) in zip(["f", "d/g", "e"], parts) {
            if let path = RelativePath(name), !content.isEmpty || name == "e" {
                tree.files[path] = TreeFile(content: Blob(content))
            }
        }
        let patches = parts[3...].enumerated().map { PatchInput(name: "p\($0)", bytes: $1) }
        for policy in policies {
            for reverse in [false, true] {
                var patches = patches
                for index in patches.indices { patches[index].reverse = reverse }
                apply(patches, tree, policy)
            }
        }
    }

    private static func split(_ bytes: [UInt8]) -> [[UInt8]] {
        var parts: [[UInt8]] = [[]]
        for line in bytes.split(separator: 10, omittingEmptySubsequences: false) {
            if line.elementsEqual("=====".utf8) { parts.append([]) } else { parts[parts.count - 1] += line + [10] }
        }
        return parts.map { Array($0.dropLast($0.isEmpty ? 0 : 1)) }
    }

    private static func apply(_ patches: [PatchInput], _ tree: MemoryTree, _ policy: PlacementPolicy) {
        let options = ApplicationOptions(keepsPreimages: true, digestsResult: true)
        guard
            let applied = try? SeriesApplication.run(patches: patches, on: tree, policy: policy, options: options)
        else { return }
        let report = applied.report
        hold(report.patches.count == patches.count, "a patch without a report")
        hold(report.failures.isEmpty || applied.changes.isEmpty, "changes of a series that fails")
        hold(report.failures.allSatisfy { !$0.explanation.advice.isEmpty }, "a failure without advice")
        // A verification comes to the same.
        let verified = try? SeriesVerifier(patches: patches, policy: policy).verify(tree)
        hold(verified?.summary == report.summary, "a verification that differs")
        guard report.failures.isEmpty else { return }
        // Its preimages lead back.
        var after = tree
        for change in applied.changes { after.files[change.path] = change.after }
        var back = after
        for preimage in applied.preimages.reversed() { back.files[preimage.path] = preimage.file }
        hold(same(back, tree), "the preimages do not lead back")
        if report.patches.allSatisfy({ $0.verdict == .clean }), patches.count == 1, isPlain(patches[0], policy) {
            takeBack(patches[0], after, tree, policy)
        }
        guard let refresh = try? SeriesRefresh.run(patches: patches, on: tree, policy: policy) else {
            hold(policy.name == "git", "a series that applies and cannot be refreshed")
            return
        }
        hold(!refresh.isProven || refresh.after.failures.isEmpty, "a proof that is none")
    }

    /// A patch that fitted exactly is taken back exactly.
    private static func takeBack(
        _ patch: PatchInput, _ after: MemoryTree, _ before: MemoryTree, _ policy: PlacementPolicy
    ) {
        var patch = patch
        patch.reverse.toggle()
        let back = try? SeriesApplication.run(patches: [patch], on: after, policy: policy)
        hold(back?.report.failures.isEmpty == true, "\(back?.report.failure?.message ?? "malformed") when taken back")
        var tree = after
        for change in back?.changes ?? [] { tree.files[change.path] = change.after }
        hold(same(tree, before), "taking it back gives another tree")
    }

    /// Whether taking it back is defined: each file once, with context, no moves, no files that come, go or are empty.
    private static func isPlain(_ patch: PatchInput, _ policy: PlacementPolicy) -> Bool {
        guard let parsed = try? ParsedPatch.parse(patch.blob, name: "x", reading: policy.reading) else { return false }
        var seen: Set<RelativePath> = []
        for file in parsed.files {
            guard case .text = file.payload, !file.isRename, !file.isCopy, !file.hunks.isEmpty,
                file.oldPath == file.newPath, let path = file.oldPath, seen.insert(path).inserted,
                file.oldAbsence == .no, file.newAbsence == .no, file.oldMode == file.newMode
            else { return false }
            var next = 0
            for hunk in file.hunks {
                // Lines that are numbered as they lie.
                guard hunk.prefixContext > 0, hunk.suffixContext > 0, hunk.oldStart > next,
                    hunk.newStart - hunk.oldStart == growth(file, before: hunk)
                else { return false }
                next = hunk.oldStart + hunk.oldCount - 1
            }
        }
        return true
    }

    private static func growth(_ file: FilePatch, before hunk: Hunk) -> Int {
        file.hunks.filter { $0.line < hunk.line }.reduce(0) { $0 + $1.newCount - $1.oldCount }
    }

    private static func same(_ one: MemoryTree, _ other: MemoryTree) -> Bool {
        one.files.count == other.files.count
            && one.files.allSatisfy { path, file in
                guard let twin = other.files[path] else { return false }
                return twin.kind == file.kind && twin.content.hasSameBytes(as: file.content)
            }
    }
}
