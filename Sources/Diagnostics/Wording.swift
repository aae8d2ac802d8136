/// Words that depend on a number.
public enum Wording {
    /// A number with its noun: `1 patch`, `3 patches`.
    /// - Parameter plural: The noun for every number but 1; the singular and an `s` where not given.
    public static func count(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
        "\(number) \(number == 1 ? singular : plural ?? singular + "s")"
    }
}
