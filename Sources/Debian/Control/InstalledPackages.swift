public import Host

/// What dpkg and apt know of packages on this machine.
public struct PackageState: Sendable, Equatable {
    /// The package's name.
    public let name: String
    /// The installed version; `nil` if it is not installed (or not wholly).
    public let installed: String?
    /// The version apt would install; `nil` if it knows none.
    public let candidate: String?
}

/// Asks the machine's own package database.
public enum InstalledPackages {
    /// The state of each package, in the order of `names`.
    /// - Parameter environment: The environment of `dpkg-query` and `apt-cache`.
    /// - Throws: `HostError`, where dpkg or apt are missing too.
    public static func query(_ names: [String], environment: [String: String]) async throws(HostError) -> [PackageState]
    {
        var environment = environment
        environment["LC_ALL"] = "C"
        // Unknown names make dpkg-query exit with 1 after it printed the others.
        let installed = try await Command(
            "dpkg-query", ["-W", "-f", "${binary:Package}\\t${db:Status-Status}\\t${Version}\\n", "--"] + names,
            environment: environment, deadline: .seconds(30), package: "dpkg"
        ).capture()
        var versions: [String: String] = [:]
        for line in String(decoding: installed.standardOutput, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard columns.count == 3, columns[1] == "installed" else { continue }
            // `libc6:amd64` is `libc6` to those who ask.
            versions[String(columns[0].prefix { $0 != ":" })] = String(columns[2])
        }
        let policy = try await Command(
            "apt-cache", ["policy", "--"] + names, environment: environment, deadline: .seconds(60), package: "apt"
        ).capture()
        var candidates: [String: String] = [:]
        var name: String?
        for line in String(decoding: policy.standardOutput, as: UTF8.self).split(whereSeparator: \.isNewline) {
            if line.first?.isWhitespace == false, line.hasSuffix(":") { name = String(line.dropLast()) }
            let words = line.split(whereSeparator: \.isWhitespace)
            if words.count == 2, words[0] == "Candidate:", words[1] != "(none)", let name {
                candidates[name] = String(words[1])
            }
        }
        return names.map { PackageState(name: $0, installed: versions[$0], candidate: candidates[$0]) }
    }
}
