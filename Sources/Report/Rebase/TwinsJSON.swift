import Merging
import Porting

/// What came of twins, in words.
enum TwinsText {
    static func summary(_ twins: [PortedTwin]) -> String {
        let hunks = twins.flatMap(\.hunks)
        let exact = hunks.count { $0.rule?.isExact == true }
        let open = hunks.count { $0.rule == nil }
        let whole = twins.count { !$0.hunks.isEmpty && $0.hunks.allSatisfy { $0.rule != nil } }
        return
            "\(twins.count) with a native file that upstream has changed, \(whole) without conflict; \(hunks.count) changes: "
            + "\(exact) exact, \(hunks.count - exact - open) derived, \(open) in conflict"
    }
}

/// The same for programs.
struct TwinsJSON: Encodable {
    private struct HunkJSON: Encodable {
        let line, removed, added: Int
        let section: String
        let rule: String?
        let isExact: Bool
    }

    private struct TwinJSON: Encodable {
        let twin, native: String
        let target: String?
        let hunks: [HunkJSON]
        let learned: [LearnedJSON]
    }

    private let patch: String?
    private let exact, derived, conflicts: Int
    private let files: [TwinJSON]

    init(_ twins: [PortedTwin], patch: String?) {
        self.patch = patch
        let hunks = twins.flatMap(\.hunks)
        exact = hunks.count { $0.rule?.isExact == true }
        conflicts = hunks.count { $0.rule == nil }
        derived = hunks.count - exact - conflicts
        files = twins.map { twin in
            TwinJSON(
                twin: twin.twin.string, native: twin.native.string, target: twin.target?.string,
                hunks: twin.hunks.map { hunk in
                    HunkJSON(
                        line: hunk.line, removed: hunk.removed.count, added: hunk.added.count,
                        section: String(decoding: hunk.section, as: UTF8.self), rule: hunk.rule?.rawValue,
                        isExact: hunk.rule?.isExact == true)
                }, learned: twin.learned.map(LearnedJSON.init))
        }
    }
}

/// What upstream replaced everywhere.
struct LearnedJSON: Encodable {
    private let old, new: String
    private let witnesses: Int

    init(_ replacement: Replacement) {
        (old, new, witnesses) = (replacement.old, replacement.new, replacement.witnesses)
    }
}
