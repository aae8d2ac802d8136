import Bytes
public import SystemPackage

/// The Debian mirrors a machine is configured for, and the sources of another suite on them.
public struct MachineSources: Sendable, Equatable {
    /// Every binary source of the machine, in the order of its files.
    public let sources: [AptSource]
    /// The folder they were read from.
    public let folder: FilePath

    /// The suites by which Debian's mirrors are known among them.
    public let suites: DebianSuites

    /// States the sources.
    public init(sources: [AptSource], folder: FilePath, suites: DebianSuites = .unknown) {
        self.sources = sources
        self.folder = folder
        self.suites = suites
    }

    /// Reads `sources.list`, `sources.list.d/*.list` and `sources.list.d/*.sources`.
    /// - Parameters:
    ///   - folder: apt's configuration folder, usually `/etc/apt`. Files that do not exist are not an error.
    ///   - suites: The suites of Debian's archive.
    public static func read(_ folder: FilePath = "/etc/apt", suites: DebianSuites) -> MachineSources {
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
        return MachineSources(sources: sources, folder: folder, suites: suites)
    }

    private func role(_ source: AptSource) -> DebianSuites.Role {
        source.components.contains("main") ? suites.role(of: source.suite) : .other
    }

    /// Sources for a suite on this machine's mirrors.
    package struct Plan: Sendable, Equatable {
        /// At least one of these must be there.
        package var base: [AptSource]
        /// `-updates` and `-security`: used where the mirror has them.
        package var optional: [AptSource]
        var all: [AptSource] { base + optional }
    }

    /// The sources of a suite on the mirrors of this machine.
    ///
    /// The security mirror is the machine's own where it has one; else `…/debian-security` beside `…/debian`.
    /// - Parameter keyring: Named in sources that name no key; `nil` leaves it to apt's trusted keys.
    /// - Throws: ``PackagesError/noMirror(folder:)``.
    package func plan(for suite: String, keyring: FilePath?) throws(PackagesError) -> Plan {
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
        var mirrors = sources.filter { role($0) == .base }
        if mirrors.isEmpty { mirrors = sources.filter { role($0) == .updates } }
        guard !mirrors.isEmpty else { throw .noMirror(folder: folder) }
        let base = unique(mirrors.map { swapped($0, suite) })
        let known = suites.suite(suite)
        var security = sources.filter { role($0) == .security }
        if security.isEmpty {
            security = mirrors.filter { $0.uri.hasSuffix("/debian") || $0.uri.hasSuffix("/debian/") }.map {
                var beside = $0
                beside.uri = String($0.uri.reversed().drop { $0 == "/" }.reversed()) + "-security"
                return beside
            }
        }
        let updates = known.updates.map { name in mirrors.map { swapped($0, name) } } ?? []
        let fixes = known.security.map { name in security.map { swapped($0, name) } } ?? []
        return Plan(base: base, optional: unique(updates + fixes))
    }
}
