/// Words that depend on a number.
public enum Wording {
    /// A name from an input as a message has it: on one line, whatever it holds.
    public static func name(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == 10 || $0 == 13 || $0 == 9 }) else { return name }
        return name.replacing("\n", with: "\\n").replacing("\r", with: "\\r").replacing("\t", with: "\\t")
    }

    /// A number with its noun: `1 patch`, `3 patches`.
    /// - Parameter plural: The noun for every number but 1; the singular and an `s` where not given.
    public static func count(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
        "\(number) \(number == 1 ? singular : plural ?? singular + "s")"
    }
}
