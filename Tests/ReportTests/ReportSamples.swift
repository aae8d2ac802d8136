import Patching
import Porting
import SystemPackage
import Testing

/// Small trees and series for reports.
enum Sample {
    /// A file with the lines `line 1` to `line 20`.
    static func tree(_ file: String = "f") throws -> MemoryTree {
        let content = (1...20).map { "line \($0)\n" }.joined()
        return MemoryTree([try #require(RelativePath(file)): TreeFile(content: Blob(Array(content.utf8)))])
    }

    /// A patch that changes line 10 of `f`.
    /// - Parameters:
    ///   - at: The line its hunk names; 8 fits exactly.
    ///   - context: The line above the changed one.
    static func patch(_ name: String = "a.patch", at line: Int = 8, context: String = "line 9") -> PatchInput {
        PatchInput(
            name: name,
            bytes: Array(
                """
                --- a/f
                +++ b/f
                @@ -\(line),5 +\(line),5 @@
                 line 8
                 \(context)
                -line 10
                +line ten
                 line 11
                 line 12

                """.utf8))
    }

    /// What becomes of a series on the tree.
    static func report(
        _ patches: [PatchInput] = [patch()], policy: PlacementPolicy = .standard
    ) throws -> SeriesReport {
        try SeriesApplication.run(patches: patches, on: tree(), policy: policy).report
    }
}
