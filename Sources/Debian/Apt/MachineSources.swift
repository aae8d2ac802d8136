import Bytes
public import SystemPackage

/// The Debian mirrors a machine is configured for, and the sources of another suite on them.
public struct MachineSources: Sendable, Equatable {
    /// Every binary source of the machine, in the order of its files.
    public let sources: [AptSource]
    /// The folder they were read from.
    public let folder: FilePath

    /// States the sources.
    public init(sources: [AptSource], folder: FilePath) {
        self.sources = sources
        self.folder = folder
    }

    /// Reads `sources.list`, `sources.list.d/*.list` and `sources.list.d/*.sources`.
    /// - Parameter folder: apt's configuration folder, usually `/etc/apt`. Files that are not there are no error.
    public static func read(_ folder: FilePath = "/etc/apt") -> MachineSources {
        var sources: [AptSource] = []
        func text(_ path: FilePath) -> String {
            (try? Files.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
        sources += AptSource.parse(list: text(folder.appending("sources.list")))
        let parts = folder.appending("sources.list.d")
        for name in (try? Files.list(parts)) ?? [] {
            if name.hasSuffix(".list") { sources += AptSource.parse(list: text(parts.appending(name))) }
            if name.hasSuffix(".sources") { sources += AptSource.parse(deb822: text(parts.appending(name))) }
        }
        return MachineSources(sources: sources, folder: folder)
    }

    /// What a suite's name says about it.
    private enum Role { case base, updates, security, other }

    /// Names by which Debian's own archive calls a release; other archives use names of their own or add a suffix.
    private static let releases: Set<String> = [
        "stretch", "buster", "bullseye", "bookworm", "trixie", "forky", "duke", "sid", "unstable", "testing", "stable",
        "oldstable", "oldoldstable", "experimental",
    ]

    private static func role(_ source: AptSource) -> Role {
        guard source.components.contains("main") else { return .other }
        for (suffix, role) in [("-security", Role.security), ("/updates", .security), ("-updates", .updates)] {
            if source.suite.hasSuffix(suffix) {
                return releases.contains(String(source.suite.dropLast(suffix.count))) ? role : .other
            }
        }
        return releases.contains(source.suite) ? .base : .other
    }

    /// Sources for a suite on this machine's mirrors.
    struct Plan: Sendable, Equatable {
        /// At least one of these must be there.
        var base: [AptSource]
        /// `-updates` and `-security`: used where the mirror has them.
        var optional: [AptSource]
        var all: [AptSource] { base + optional }
    }

    /// The sources of a suite on the mirrors of this machine.
    ///
    /// The security mirror is the machine's own where it has one; else `…/debian-security` beside `…/debian`.
    /// - Parameter keyring: Named in sources that name no key; `nil` leaves it to apt's trusted keys.
    /// - Throws: ``PackagesError/noMirror(folder:)``.
    func plan(for suite: String, keyring: FilePath?) throws(PackagesError) -> Plan {
        func swapped(_ source: AptSource, _ suite: String) -> AptSource {
            var result = source
            result.suite = suite
            result.components = ["main"]
            // apt's `file` method uses packages where they are; `copy` brings them into the folder as others do.
            if result.uri.hasPrefix("file:") { result.uri = "copy:" + result.uri.dropFirst("file:".count) }
            if result.options["Signed-By"] == nil, let keyring { result.options["Signed-By"] = keyring.string }
            return result
        }
        func unique(_ sources: [AptSource]) -> [AptSource] {
            sources.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }
        var mirrors = sources.filter { Self.role($0) == .base }
        if mirrors.isEmpty { mirrors = sources.filter { Self.role($0) == .updates } }
        guard !mirrors.isEmpty else { throw .noMirror(folder: folder) }
        let base = unique(mirrors.map { swapped($0, suite) })
        if ["sid", "unstable", "experimental"].contains(suite) { return Plan(base: base, optional: []) }
        var security = sources.filter { Self.role($0) == .security }
        if security.isEmpty {
            security = mirrors.filter { $0.uri.hasSuffix("/debian") || $0.uri.hasSuffix("/debian/") }.map {
                var beside = $0
                beside.uri = String($0.uri.reversed().drop { $0 == "/" }.reversed()) + "-security"
                return beside
            }
        }
        let securitySuite = ["stretch", "buster"].contains(suite) ? suite + "/updates" : suite + "-security"
        return Plan(
            base: base,
            optional: unique(
                mirrors.map { swapped($0, suite + "-updates") } + security.map { swapped($0, securitySuite) }))
    }
}
