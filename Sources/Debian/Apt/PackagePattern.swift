public import Diagnostics

/// A package name in which `*` stands for digits, such as `linux-source-7.*`.
public struct PackagePattern: Sendable, Equatable {
    private let prefix: String
    private let suffix: String

    /// Reads a pattern.
    /// - Returns: `nil` for a name without exactly one `*`.
    public init?(_ text: String) {
        let parts = text.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return nil }
        prefix = parts[0]
        suffix = parts[1]
    }

    /// The matching name with the highest number at the `*`.
    public func newest(among names: some Sequence<String>) -> String? {
        names.compactMap { name -> (Int, String)? in
            guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.count > prefix.count + suffix.count else {
                return nil
            }
            let digits = name.dropFirst(prefix.count).dropLast(suffix.count)
            guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(digits) else { return nil }
            return (number, name)
        }.max { $0.0 < $1.0 }?.1
    }
}

extension PackageFetcher {
    /// The suite's package that a pattern means: the one with the highest number.
    /// - Throws: ``PackagesError`` where nothing matches, `HostError` or `BytesError`.
    public func newest(
        _ pattern: PackagePattern, named text: String, suite: String, progress: any ProgressSink = NoProgress()
    ) async throws -> String {
        try await withState(of: suite) { state, lock in
            try await renew(state, suite: suite, progress: progress)
            let output = try await run(
                state.command("apt-cache", ["pkgnames"], deadline: .seconds(60)), suite: suite)
            let names = output.text.split(whereSeparator: \.isNewline).map(String.init)
            guard let name = pattern.newest(among: names) else {
                throw PackagesError.unknownPackage(name: text, suite: suite, near: [])
            }
            return name
        }
    }
}
