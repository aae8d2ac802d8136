/// Applies `GIT binary patch` hunks.
enum BinaryPatch {
    /// Why it does not fit.
    struct Mismatch: Error { let reason: String }

    static func apply(_ hunk: BinaryHunk?, to content: Blob, _ side: FileSide) throws(Mismatch) -> Blob {
        throw Mismatch(reason: "not supported yet")
    }
}
