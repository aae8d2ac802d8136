import SystemPackage

/// What apt printed (in the C locale), read for the cause of a failure.
struct AptOutput {
    let lines: [Substring]

    init(_ text: String) { lines = text.split(whereSeparator: \.isNewline) }

    /// Whether apt says that the mirror has no such suite at all.
    func lacksRelease(of source: AptSource) -> Bool {
        lines.contains {
            $0.contains("does not have a Release file") && $0.contains(" \(source.suite) ")
                && $0.contains(String(source.uri.reversed().drop { $0 == "/" }.reversed()))
        }
            && lines.contains { line in
                ["404", "File not found", "No such file or directory"].contains { line.contains($0) }
            }
    }

    /// Whether `apt-get download` knows no package of the name.
    var knowsNoPackage: Bool { contains("Unable to locate") }

    /// Whether `apt-get source` knows no source package of the name.
    var knowsNoSourcePackage: Bool { contains("Unable to find a source package") }

    private func contains(_ text: String) -> Bool { lines.contains { $0.contains(text) } }

    /// The error that the output reports.
    func failure(suite: String, mirrors: [String], folder: FilePath, command: String) -> PackagesError {
        func first(_ marks: [String]) -> String? {
            lines.first { line in marks.contains { line.contains($0) } }.map(Self.plain)
        }
        if let detail = first(["No space left on device", "Disk quota exceeded", "don't have enough free space"]) {
            return .cannotStore(folder: folder, detail: detail, full: true)
        }
        if let detail = first(["Read-only file system", "Permission denied"]) {
            return .cannotStore(folder: folder, detail: detail, full: false)
        }
        if let detail = first(["Hash Sum mismatch"]) {
            return .wrongChecksum(file: "a file of '\(suite)'", detail: detail)
        }
        if let detail = first([
            "NO_PUBKEY", "signatures were invalid", "couldn't be verified", "BADSIG", "EXPKEYSIG", "REVKEYSIG",
            "is not signed",
            "is expired", "is not valid yet", "cannot be authenticated", "OpenPGP", "Missing key",
        ]) {
            return .untrusted(suite: suite, detail: detail)
        }
        if let detail = first(["404 ", "410 ", "File not found", "Failed to stat - stat (2:"]),
            !contains("does not have a Release file")
        {
            return .lacksFile(mirrors: mirrors, detail: detail, available: [])
        }
        if let detail = first([
            "Temporary failure resolving", "Could not resolve", "Could not connect", "Unable to connect",
            "Connection failed",
            "Connection timed out", "connection timed out", "Connection refused", "Failed to fetch",
            "Mirror sync in progress",
            "Network is unreachable", "No route to host", "does not have a Release file",
        ]) {
            return .unreachable(mirrors: mirrors, detail: detail)
        }
        let errors = lines.filter { $0.hasPrefix("E:") }.map(Self.plain)
        return .aptFailed(command: command, detail: errors.isEmpty ? "no reason given" : errors.joined(separator: "; "))
    }

    /// A line without apt's `E: ` or `W: `, and without its indentation.
    private static func plain(_ line: Substring) -> String {
        let text = line.hasPrefix("E: ") || line.hasPrefix("W: ") ? line.dropFirst(3) : line
        return String(text.drop { $0 == " " })
    }
}
