import CVersion

/// The kit's own version.
enum Version {
    /// As evidence records it.
    static let current = "0.1.0"

    /// The commit it was built from: 12 digits, with a `+` where files differed from it; `nil` where it was built outside a
    /// git checkout.
    static let commit: String? = {
        let text = String(cString: dom0kit_commit())
        guard text.utf8.count >= 40 else { return nil }
        return String(text.prefix(12)) + (text.hasSuffix("+") ? "+" : "")
    }()

    /// As `--version` shows it.
    static var line: String { "dom0kit \(current)" + (commit.map { " (\($0))" } ?? "") }
}
