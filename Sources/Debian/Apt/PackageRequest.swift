/// A Debian package by name, in the newest version or an exact one.
public struct PackageRequest: Sendable, Hashable, CustomStringConvertible {
    /// The binary package's name.
    public var name: String
    /// The exact version; the newest of the suite where `nil`.
    public var version: String?

    /// Asks for a package.
    public init(_ name: String, version: String? = nil) {
        self.name = name
        self.version = version
    }

    /// Reads `name` or `name=version`, as apt writes it.
    /// - Returns: `nil` unless both are well formed (deb-control(5)): nothing that apt would take for an option.
    public init?(parsing text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        self.init(parts[0], version: parts.count > 1 ? parts[1] : nil)
        guard isWellFormed else { return nil }
    }

    var isWellFormed: Bool {
        func all(_ text: String, _ more: String) -> Bool {
            text.utf8.allSatisfy {
                (48...57).contains($0) || (97...122).contains($0) || (65...90).contains($0) || more.utf8.contains($0)
            }
        }
        guard let first = name.utf8.first, first != UInt8(ascii: "-"), name.utf8.count >= 2, all(name, "+-.") else {
            return false
        }
        guard let version else { return true }
        return version.utf8.first.map { (48...57).contains($0) } == true && all(version, ".+-~:")
    }

    /// `name` or `name=version`.
    public var description: String { version.map { "\(name)=\($0)" } ?? name }
}
