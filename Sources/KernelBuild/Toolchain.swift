import Host

/// The programs a build depends on, by what they say of themselves.
public struct Toolchain: Sendable, Codable, Equatable {
    /// The first line of each program's `--version`, by program name.
    public let versions: [String: String]

    /// Asks each program; a missing one is an error.
    /// - Parameters:
    ///   - programs: Names, with the Debian package of each.
    ///   - variables: The environment they are looked up and run in.
    /// - Throws: ``HostError/toolMissing(name:package:)`` for the first one that is missing.
    public init(programs: [(name: String, package: String)], variables: [String: String]) async throws {
        var versions: [String: String] = [:]
        for (name, package) in programs {
            let output = try await Command(
                name, ["--version"], environment: variables, deadline: .seconds(20), package: package
            ).capture(limit: 1 << 20)
            let text = String(decoding: output.standardOutput, as: UTF8.self)
            versions[name] = text.split(separator: "\n").first.map(String.init) ?? output.termination.description
        }
        self.versions = versions
    }

    /// What building an x86 kernel with the GNU toolchain takes.
    public static let gnu: [(name: String, package: String)] = [
        ("make", "make"), ("gcc", "gcc"), ("ld", "binutils"), ("flex", "flex"), ("bison", "bison"), ("bc", "bc"),
    ]
}
