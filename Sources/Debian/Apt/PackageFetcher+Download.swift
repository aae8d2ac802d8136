import Bytes
import Diagnostics
import Glibc
import Host
import SystemPackage

extension PackageFetcher {
    /// Gets one package, or finds it in the folder with the right checksum.
    func download(_ package: AvailablePackage, state: AptState, progress: any ProgressSink) async throws
        -> FetchedPackage
    {
        let path = packagesFolder.appending(package.fileName)
        if Files.isRegular(path) {
            if try Digest(ofFile: path) == package.digest { return try store(package, path, reused: true) }
            progress.report(.warning("\(path) has the wrong checksum and is downloaded again"))
            try Files.remove(path)
        }
        progress.report(.began(what: "download \(package.name) \(package.version) (\(package.size / 1_000_000) MB)"))
        // At least 100 kB a second; below that something is wrong with the mirror.
        let deadline: Duration = .seconds(120 + package.size / 100_000)
        let command = state.command(
            "apt-get", ["-q", "download", "\(package.name)=\(package.version)"], deadline: deadline, in: packagesFolder)
        let partial = state.folder.appending("archives/partial").appending(package.fileName)
        let output = try await withProgress(of: [path, partial], package: package, progress) {
            try await run(command, suite: package.suite)
        }
        guard output.termination.succeeded, Files.isRegular(path) else {
            let error = failure(output, command: "apt-get download \(package.name)", suite: package.suite)
            guard case .lacksFile(let mirrors, let detail, _) = error else { throw error }
            // An older version may do, as for a source package.
            let versions = try await versions(ofPackage: package.name, suite: package.suite, state: state)
            throw PackagesError.lacksFile(mirrors: mirrors, detail: detail, available: versions)
        }
        let digest = try Digest(ofFile: path)
        guard digest == package.digest else {
            try Files.remove(path)
            throw PackagesError.wrongChecksum(
                file: package.fileName,
                detail: "it is \(digest), the index of '\(package.suite)' says \(package.digest)")
        }
        return try store(package, path, reused: false)
    }

    /// Reports how many bytes of a file are there while `body` runs.
    private func withProgress<Value: Sendable>(
        of paths: [FilePath], package: AvailablePackage, _ progress: any ProgressSink,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let watcher = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: .milliseconds(500))
                let sizes = paths.map { path -> Int in
                    var status = stat()
                    return stat(path.string, &status) == 0 ? Int(status.st_size) : 0
                }
                progress.report(.advanced(done: sizes.max() ?? 0, total: package.size, item: package.fileName))
            }
        }
        defer { watcher.cancel() }
        return try await body()
    }

    /// Remembers a package's checksum beside it, so that the exact version is found again without the mirror.
    private func store(_ package: AvailablePackage, _ path: FilePath, reused: Bool) throws -> FetchedPackage {
        let record = Self.record(of: package.name, package.version, in: packagesFolder)
        let line = "\(package.digest)  \(package.fileName)\n"
        if (try? Files.read(record)) != Array(line.utf8) { try Files.write(line, to: record) }
        return FetchedPackage(
            name: package.name, version: package.version, suite: package.suite, path: path, digest: package.digest,
            reused: reused)
    }

    /// The requested packages, if each names its version and is stored with the checksum recorded for it.
    func storedExactly(_ requests: [PackageRequest], suite: String) throws -> [FetchedPackage]? {
        var found: [FetchedPackage] = []
        for request in requests where request.isWellFormed {
            guard let version = request.version else { return nil }
            let record = Self.record(of: request.name, version, in: packagesFolder)
            guard let bytes = try? Files.read(record) else { return nil }
            let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            guard words.count == 2, let digest = Digest(hex: String(words[0])), !words[1].contains("/") else {
                return nil
            }
            let path = packagesFolder.appending(String(words[1]))
            // An architecture other than the one it was stored for has another file name.
            let fits = ["_\(architecture).deb", "_all.deb"].contains { words[1].hasSuffix($0) }
            guard fits, Files.isRegular(path), try Digest(ofFile: path) == digest else { return nil }
            found.append(
                FetchedPackage(
                    name: request.name, version: version, suite: suite, path: path, digest: digest, reused: true))
        }
        return found.count == requests.count ? found : nil
    }

    private static func record(of name: String, _ version: String, in folder: FilePath) -> FilePath {
        let file = version.split(separator: ":", omittingEmptySubsequences: false).joined(separator: "%3a")
        return folder.appending("\(name)_\(file).sha256")
    }
}
