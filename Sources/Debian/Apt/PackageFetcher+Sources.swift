import Bytes
public import Diagnostics
public import SystemPackage

/// A downloaded source package whose files have the checksums of the signed index.
public struct FetchedSource: Sendable, Equatable {
    /// The source package's name.
    public let name: String
    /// Its version, with epoch where it has one.
    public let version: String
    /// The suite it was asked of.
    public let suite: String
    /// Its control file (`.dsc`); the other files lie beside it.
    public let control: FilePath
}

extension PackageFetcher {
    /// Gets a source package of a suite: its control file and all that belongs to it, verified by apt, nothing unpacked.
    /// - Parameter request: The name of the source package, with a version if another than the newest is wanted.
    /// - Throws: ``PackagesError``, `HostError` or `BytesError`.
    public func fetchSource(
        _ request: PackageRequest, suite: String, progress: any ProgressSink = NoProgress()
    ) async throws -> FetchedSource {
        guard request.isWellFormed else {
            throw PackagesError.unknownPackage(name: request.description, suite: suite, near: [])
        }
        let target = folder.appending("sources").appending(request.name)
        try Files.createDirectories(target)
        return try await withState(of: suite, kind: .source) { state, lock in
            try await renew(state, suite: suite, progress: progress)
            let asked = ["-q", "--only-source", "--download-only", "source", request.description]
            let listing = try await run(
                state.command(
                    "apt-get", ["--print-uris"] + asked, deadline: .seconds(60), in: state.folder.appending("empty")),
                suite: suite)
            guard listing.termination.succeeded else {
                if AptOutput(listing.text).knowsNoSourcePackage {
                    let versions = try await versions(of: request.name, suite: suite, state: state)
                    guard let version = request.version, !versions.isEmpty else {
                        throw PackagesError.unknownSource(name: request.name, suite: suite)
                    }
                    throw PackagesError.unknownVersion(
                        name: request.name, version: version, suite: suite, available: versions)
                }
                throw failure(listing, command: "apt-get source \(request)", suite: suite)
            }
            let files = String(decoding: listing.standardOutput, as: UTF8.self).split(whereSeparator: \.isNewline)
                .filter { $0.hasPrefix("'") }.map { $0.split(separator: " ").map(String.init) }
            guard let control = files.first(where: { $0.count >= 3 && $0[1].hasSuffix(".dsc") })?[1],
                !control.contains("/")
            else {
                throw PackagesError.aptFailed(
                    command: "apt-get --print-uris source", detail: "its answer was not understood: \(listing.text)")
            }
            let size = files.reduce(0) { $0 + ($1.count > 2 ? Int($1[2]) ?? 0 : 0) }
            progress.report(.began(what: "download the source package \(request.name) (\(size / 1_000_000) MB)"))
            let output = try await run(
                state.command("apt-get", asked, deadline: .seconds(120 + size / 100_000), in: target), suite: suite)
            let path = target.appending(control)
            guard output.termination.succeeded, Files.isRegular(path) else {
                let error = failure(output, command: "apt-get source \(request.name)", suite: suite)
                guard case .lacksFile(let mirrors, let detail, _) = error else { throw error }
                // Mirrors often lack what their index lists; an older version may do.
                let versions = try await versions(of: request.name, suite: suite, state: state)
                throw PackagesError.lacksFile(mirrors: mirrors, detail: detail, available: versions)
            }
            let text = String(decoding: try Files.read(path), as: UTF8.self)
            let version = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("Version: ") }
            return FetchedSource(
                name: request.name, version: version.map { String($0.dropFirst(9)) } ?? "", suite: suite, control: path)
        }
    }

    /// The versions of a source package that the stored index has.
    private func versions(of name: String, suite: String, state: AptState) async throws -> [String] {
        let output = try await run(
            state.command("apt-cache", ["--only-source", "showsrc", name], deadline: .seconds(60)), suite: suite)
        var versions: [String] = []
        for line in output.text.split(whereSeparator: \.isNewline) where line.hasPrefix("Version: ") {
            let version = String(line.dropFirst(9))
            if !versions.contains(version) { versions.append(version) }
        }
        return versions
    }
}
