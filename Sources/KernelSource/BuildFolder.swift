import Bytes
import Glibc
import KernelTree
import Patching
import RpmSpec
import SystemPackage

/// The build folder of a spec, and what the commands of `%prep` do to the files in it.
///
/// Every path goes through ``Beneath``: a command that would reach a file by way of a symbolic link, or outside, fails.
struct BuildFolder {
    /// The folder.
    let path: FilePath
    private let top: Beneath
    private let spec: FilePath

    /// Opens the folder; `spec` is for errors.
    init(_ path: FilePath, spec: FilePath) throws(KernelTreeError) {
        self.path = path
        self.spec = spec
        do throws(Errno) {
            top = try Beneath(opening: path)
        } catch { throw .system(BytesError(path: path, operation: .create, errno: error)) }
    }

    /// The error of a step that cannot be carried out.
    func fails(_ step: PrepStep, _ reason: String) -> KernelTreeError {
        .prepFails(spec: spec, line: step.line, reason: reason)
    }

    /// Does something to a path, and says what is in the way where that fails.
    private func attempt<Value>(
        _ path: String, _ step: PrepStep, _ body: ([UInt8]) throws(Errno) -> Value
    ) throws(KernelTreeError) -> Value {
        do throws(Errno) {
            return try body(Array(path.utf8))
        } catch { throw failure(path, step, error) }
    }

    private func failure(_ path: String, _ step: PrepStep, _ error: Errno) -> KernelTreeError {
        switch error {
        case .noSpace, .diskQuotaExceeded, .ioError, .readOnlyFileSystem, .permissionDenied:
            .system(BytesError(path: self.path.pushing(FilePath(path)), operation: .write, errno: error))
        case .tooManySymbolicLinkLevels, .improperLink:
            fails(step, "the path '\(path)' leads outside, or through a symbolic link")
        case .noSuchFileOrDirectory: fails(step, "there is no '\(path)'")
        default: fails(step, "'\(path)' cannot be used: \(error)")
        }
    }

    /// What is at a path; a link is not followed.
    func status(_ path: String, _ step: PrepStep) throws(KernelTreeError) -> Beneath.Status? {
        if path.isEmpty || path == "." { return Beneath.Status.top }
        return try attempt(path, step) { (bytes) throws(Errno) in
            do throws(Errno) { return try top.status(bytes) } catch .notDirectory { return nil }
        }
    }

    /// The path for what opens folders by itself, once it is known that no part of it is a link.
    func folder(_ path: String, _ step: PrepStep) throws(KernelTreeError) -> FilePath {
        _ = try attempt(path, step) { (bytes) throws(Errno) in try top.folder(bytes) }
        return path.isEmpty ? self.path : self.path.pushing(FilePath(path))
    }

    /// The path of a folder to be made, once it is known that it is to be in the build folder and that nothing is there.
    func newFolder(_ path: String, _ step: PrepStep) throws(KernelTreeError) -> FilePath {
        let isThere = try attempt(path, step) { (bytes) throws(Errno) in try top.status(bytes) } != nil
        if isThere { throw fails(step, "'\(path)' is there already") }
        return self.path.pushing(FilePath(path))
    }

    /// The paths that a pattern of the last part stands for, in order; the path itself where it is none.
    func expand(_ path: String, _ step: PrepStep) throws(KernelTreeError) -> [String] {
        guard path.contains(where: { "*?[".contains($0) }) else { return [path] }
        let parts = path.split(separator: "/").map(String.init)
        let parent = parts.dropLast().joined(separator: "/")
        guard let pattern = parts.last, try status(parent, step)?.kind == .folder else { return [] }
        let names = try attempt(parent, step) { (bytes) throws(Errno) in try top.folder(bytes).names() }
        return names.map { String(decoding: $0, as: UTF8.self) }
            .filter { !$0.hasPrefix(".") && fnmatch(pattern, $0, 0) == 0 }
            .map { parent.isEmpty ? $0 : parent + "/" + $0 }
    }

    /// Where a file or folder called `name` ends up that is copied or moved to a path: in it, where it is a folder.
    func place(of name: String, at target: String, _ step: PrepStep) throws(KernelTreeError) -> String {
        guard try status(target, step)?.kind == .folder else { return target }
        return target.isEmpty ? name : target + "/" + name
    }

    /// Whether a test of `[` holds.
    /// - Throws: ``KernelTreeError/prepFails(spec:line:reason:)`` where that depends on what a symbolic link points to.
    func holds(_ test: PrepStep.Test, _ path: String, _ step: PrepStep) throws(KernelTreeError) -> Bool {
        let status = try status(path, step)
        if test != .link, status?.kind == .link {
            throw fails(step, "'[ \(test.rawValue) \(path) ]' depends on a symbolic link, which is not followed")
        }
        return switch test {
        case .folder: status?.kind == .folder
        case .file: status?.kind == .regular
        case .anything: status != nil
        case .link: status?.kind == .link
        case .notEmpty: status.map { $0.size > 0 } ?? false
        }
    }

    /// Removes files and folders.
    func remove(_ path: String, _ step: PrepStep) throws(KernelTreeError) {
        try attempt(path, step) { (bytes) throws(Errno) in try top.remove(bytes) }
    }

    /// Makes folders, with those above them.
    func makeFolders(_ path: String, _ step: PrepStep) throws(KernelTreeError) {
        try attempt(path, step) { (bytes) throws(Errno) in try top.makeFolders(bytes) }
    }

    /// Makes an empty file where there is nothing.
    func touch(_ path: String, _ step: PrepStep) throws(KernelTreeError) {
        if try status(path, step) != nil { return }
        try attempt(path, step) { (bytes) throws(Errno) in try top.create(bytes, [], permissions: 0o644) }
    }

    /// Makes a file executable.
    func makeExecutable(_ path: String, _ step: PrepStep) throws(KernelTreeError) {
        try attempt(path, step) { (bytes) throws(Errno) in try top.setPermissions(bytes, 0o755) }
    }

    /// Moves a file or folder.
    func move(_ path: String, to target: String, _ step: PrepStep) throws(KernelTreeError) {
        try attempt(path, step) { (bytes) throws(Errno) in try top.move(bytes, to: Array(target.utf8)) }
    }

    /// The content of a regular file.
    func read(_ path: String, _ step: PrepStep) throws(KernelTreeError) -> [UInt8] {
        try attempt(path, step) { (bytes) throws(Errno) in try top.read(bytes) }
    }

    /// Writes a file. A link in its place is an error, as a shell would follow it.
    func write(_ path: String, _ content: [UInt8], permissions: mode_t, _ step: PrepStep) throws(KernelTreeError) {
        if let there = try status(path, step), there.kind != .regular {
            throw fails(step, "'\(path)' is a symbolic link, a folder or a device")
        }
        try attempt(path, step) { (bytes) throws(Errno) in
            try top.replace(bytes, content, permissions: permissions & 0o777 | 0o600)
        }
    }

    /// The regular files and links below a folder.
    func files(below path: String, _ step: PrepStep) throws(KernelTreeError) -> [(
        path: [UInt8], status: Beneath.Status
    )] {
        guard try status(path, step)?.kind == .folder else { return [] }
        var found: [(path: [UInt8], status: Beneath.Status)] = []
        try attempt(path, step) { (bytes) throws(Errno) in
            try top.walk(bytes) { place, status in
                if status.kind != .folder { found.append((place, status)) }
                return true
            }
        }
        return found
    }

    /// Removes the files below a folder whose names fit one of the patterns.
    func removeMatching(_ path: String, _ patterns: [String], _ step: PrepStep) throws(KernelTreeError) {
        for (file, _) in try files(below: path, step) {
            let name = String(decoding: file.split(separator: UInt8(ascii: "/")).last ?? [], as: UTF8.self)
            guard patterns.contains(where: { fnmatch($0, name, 0) == 0 }) else { continue }
            try attempt(path, step) { (_) throws(Errno) in try top.remove(file) }
        }
    }

    /// Puts back the copies that `patch -b` has left below a folder; an empty one means that there was no file.
    func restore(_ path: String, _ suffix: String, _ step: PrepStep) throws(KernelTreeError) {
        let ending = Array(suffix.utf8)
        for (file, status) in try files(below: path, step) {
            let name = file.split(separator: UInt8(ascii: "/")).last ?? []
            guard name.count > ending.count, name.suffix(ending.count).elementsEqual(ending) else { continue }
            let target = Array(file.dropLast(ending.count))
            try attempt(path, step) { (_) throws(Errno) in
                try top.move(file, to: target)
                if status.size == 0 { try top.remove(target) }
            }
        }
    }

    /// Puts the files that links point to in the place of the links, as `cp -rl` does: those whose target is in the build
    /// folder and reached without another link.
    func follow(_ path: String, _ step: PrepStep) throws(KernelTreeError) {
        for (file, status) in try files(below: path, step) where status.kind == .link {
            try attempt(path, step) { (_) throws(Errno) in
                guard let target = Self.resolve(try top.target(file), of: file),
                    (try? top.status(target))?.kind == .regular
                else { return }
                try top.remove(file)
                try top.link(target, as: file)
            }
        }
    }

    /// A relative target from the top of the build folder; `nil` where it leads outside.
    private static func resolve(_ target: [UInt8], of link: [UInt8]) -> [UInt8]? {
        guard target.first != UInt8(ascii: "/") else { return nil }
        var parts = Array(link.split(separator: UInt8(ascii: "/")).dropLast())
        for part in target.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
            if part.elementsEqual("..".utf8) {
                if parts.popLast() == nil { return nil }
            } else {
                parts.append(part)
            }
        }
        return Array(parts.joined(separator: [UInt8(ascii: "/")]))
    }
}
