/// The kit's own version.
enum Version {
    /// As `--version` shows it and evidence records it.
    static let current = "0.1.0"
}
