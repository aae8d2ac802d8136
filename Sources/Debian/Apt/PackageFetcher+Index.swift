import Bytes
import Diagnostics
import Glibc
import Host
import SystemPackage

extension PackageFetcher {
    /// Renews the stored index of a suite if it is due.
    func renew(_ state: AptState, suite: String, progress: any ProgressSink) async throws {
        let age = Self.age(of: state.updated)
        switch refresh {
        case .never:
            if age == nil { throw PackagesError.notStored(name: suite, folder: folder) }
            return
        case .olderThan(let limit): if let age, age < limit { return }
        case .always: break
        }
        do {
            try await update(state, suite: suite, progress: progress)
        } catch let error as PackagesError {
            guard let age, refresh != .always else { throw error }
            switch error {
            case .unreachable, .lacksFile: break
            default: throw error
            }
            progress.report(
                .warning(
                    "\(error.message); the stored index of '\(suite)' is used, \(age.components.seconds / 3600) hours old"
                ))
        }
    }

    /// Runs `apt-get update`, dropping the optional sources that the mirror does not have.
    private func update(_ state: AptState, suite: String, progress: any ProgressSink) async throws {
        var plan = try machine.plan(for: suite, keyring: keyring)
        progress.report(.began(what: "read the package index of \(suite)"))
        while true {
            try Files.write(plan.all.map { $0.stanza(state.kind) }.joined(separator: "\n"), to: state.sources)
            let output = try await run(
                state.command("apt-get", ["-q", "update"], deadline: updateDeadline), suite: suite)
            if output.termination.succeeded { break }
            let missing = plan.all.filter { AptOutput(output.text).lacksRelease(of: $0) }
            plan.base.removeAll(where: missing.contains)
            plan.optional.removeAll(where: missing.contains)
            if missing.isEmpty { throw failure(output, command: "apt-get update", suite: suite) }
            if plan.base.isEmpty { throw PackagesError.noSuite(suite: suite, mirrors: missing.map(\.uri)) }
        }
        try Files.write("", to: state.updated)
    }

    /// What the stored index offers for the requests.
    func resolve(_ requests: [PackageRequest], suite: String, state: AptState) async throws -> [AvailablePackage] {
        for request in requests where !request.isWellFormed {
            throw PackagesError.unknownPackage(name: request.description, suite: suite, near: [])
        }
        var result: [AvailablePackage] = []
        for request in requests {
            // In an empty folder: apt says nothing about a package whose file is where it would put it.
            let output = try await run(
                state.command(
                    "apt-get", ["-q", "--print-uris", "download", request.description], deadline: .seconds(60),
                    in: state.folder.appending("empty")), suite: suite)
            guard output.termination.succeeded else { throw await unknown(request, output, suite: suite, state: state) }
            let lines = String(decoding: output.standardOutput, as: UTF8.self).split(whereSeparator: \.isNewline)
            guard let line = lines.first(where: { $0.hasPrefix("'") }) else {
                throw await unknown(request, output, suite: suite, state: state)
            }
            guard let package = Self.package(line, request: request, suite: suite) else {
                throw PackagesError.aptFailed(
                    command: "apt-get --print-uris", detail: "its answer was not understood: \(line)")
            }
            result.append(package)
        }
        return result
    }

    /// Reads `'URI' FILE SIZE SHA256:DIGEST`. The version is in the file's name, `%3a` for a colon.
    static func package(_ line: Substring, request: PackageRequest, suite: String) -> AvailablePackage? {
        let words = line.split(separator: " ")
        guard words.count >= 4, words[0].count > 2, let size = Int(words[2]), words[3].hasPrefix("SHA256:"),
            let digest = Digest(hex: String(words[3].dropFirst("SHA256:".count))), !words[1].contains("/")
        else { return nil }
        let parts = words[1].split(separator: "_")
        guard parts.count == 3, parts[0] == request.name, parts[2].hasSuffix(".deb") else { return nil }
        let version = parts[1].split(separator: "%3a", omittingEmptySubsequences: false).joined(separator: ":")
        guard request.version == nil || request.version == version else { return nil }
        return AvailablePackage(
            name: request.name, version: version, suite: suite, uri: String(words[0].dropFirst().dropLast()),
            fileName: String(words[1]), size: size, digest: digest)
    }

    /// The versions of a package that the stored index has, the newest first.
    func versions(ofPackage name: String, suite: String, state: AptState) async throws -> [String] {
        let output = try await run(
            state.command("apt-cache", ["madison", name], deadline: .seconds(60)), suite: suite)
        return output.text.split(whereSeparator: \.isNewline).compactMap { line -> String? in
            let columns = line.split(separator: "|").map { $0.split(separator: " ").joined() }
            return columns.count == 3 && columns[0] == name ? columns[1] : nil
        }
    }

    /// Why apt does not offer a package: the name or the version is unknown, or something else failed.
    private func unknown(
        _ request: PackageRequest, _ output: CapturedOutput, suite: String, state: AptState
    ) async -> any Error {
        do {
            let available = try await versions(ofPackage: request.name, suite: suite, state: state)
            if !available.isEmpty, let version = request.version {
                return PackagesError.unknownVersion(
                    name: request.name, version: version, suite: suite, available: available)
            }
            let names = try await run(state.command("apt-cache", ["pkgnames"], deadline: .seconds(60)), suite: suite)
            let all = names.text.split(whereSeparator: \.isNewline).map(String.init)
            if all.contains(request.name), !available.isEmpty || !AptOutput(output.text).knowsNoPackage {
                return failure(output, command: "apt-get download \(request)", suite: suite)
            }
            return PackagesError.unknownPackage(
                name: request.name, suite: suite,
                near: Suggestions.near(request.name, among: all, by: .versions, count: 5))
        } catch { return error }
    }

    /// Runs apt, turning a passed deadline into an unreachable mirror, and a disk that stays full into an error.
    func run(_ command: Command, suite: String) async throws -> CapturedOutput {
        do {
            return try await DiskRoom(folder: folder).watched { try await command.capture() }
        } catch HostError.deadlinePassed(let tool, let after) {
            throw PackagesError.unreachable(mirrors: mirrors(suite), detail: "\(tool) did not end within \(after)")
        }
    }

    /// What apt's output says about a failure.
    func failure(_ output: CapturedOutput, command: String, suite: String) -> PackagesError {
        AptOutput(output.text).failure(
            suite: suite, mirrors: mirrors(suite), folder: folder, command: "\(command) (\(output.termination))")
    }

    private func mirrors(_ suite: String) -> [String] {
        let uris = ((try? machine.plan(for: suite, keyring: keyring))?.all ?? []).map(\.uri)
        return uris.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The time since a file was written; `nil` if it is not there.
    private static func age(of path: FilePath) -> Duration? {
        var status = stat()
        guard stat(path.string, &status) == 0 else { return nil }
        return .seconds(max(0, time(nil) - status.st_mtim.tv_sec))
    }
}
