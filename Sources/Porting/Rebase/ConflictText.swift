import Merging
import Patching
import Series

/// What is said of a patch in conflict, in its folder.
enum ConflictText {
    static func about(_ patch: PortedPatch, _ input: PatchInput) -> [UInt8] {
        var text = "patch:   \(patch.name)\n"
        let header = PatchHeader(input.blob.bytes)
        for (title, value) in [
            ("intent", header.subject ?? header["Description"]), ("author", header["From"] ?? header["Author"]),
            ("date", header["Date"]),
        ] {
            if let value, !value.isEmpty { text += (title + ":").padded(9) + value + "\n" }
        }
        if patch.blob != nil {
            text += "\nWhat of it could be moved is in the new series; what is below is not.\n"
        }
        if let refusal = patch.refusal {
            text += "\nThe patch written for it is not taken, since it does not apply here exactly:\n  \(refusal)\n"
        }
        for file in patch.files where file.verdict == .conflict {
            text += "\n\(file.path): \(file.reason ?? "it could not be moved")\n"
            if file.marked != nil { text += "  with both sides: files/\(file.path)\n" }
            if !file.commits.isEmpty { text += "  what upstream did there:\n" }
            for commit in file.commits { text += "    \(commit.line)\n" }
        }
        if !patch.prerequisites.isEmpty { text += "\nwhat may have to be there first:\n" }
        for other in patch.prerequisites { text += "    \(other)\n" }
        text += """

            Solve it: edit the files below 'files' until no mark is left, or write into 'patch' the patch that is to take
            its place. Then: dom0kit rebase --continue --into DIR

            """
        return Array(text.utf8)
    }
}

extension String {
    /// The text with blanks behind it, up to a width.
    fileprivate func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
