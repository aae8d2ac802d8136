import Bytes
import Glibc
import Host
import SystemPackage

/// A git repository as data: git reads its objects and references, and nothing of its configuration.
///
/// A configuration can name programs that git runs while it only reads (`gpg.program`, `diff.external`, `core.fsmonitor`,
/// a transport for a lazy fetch, and whatever the next version brings). So git never sees it: it works in a private
/// folder that has a configuration of ours, the repository's references by links, and its objects by
/// `GIT_OBJECT_DIRECTORY`. That also makes the repository's owner irrelevant: the folder is ours.
package final class GitRepository: Sendable {
    /// The repository, as it was named.
    package let path: FilePath
    /// The folder that git takes for the repository.
    private let door: FilePath
    /// The environment of git: nothing of the user's settings.
    private let environment: [String: String]

    /// Opens a repository: a work tree, a folder in one, a bare repository, or a linked work tree.
    /// - Parameter environment: Where git is, and where temporary files go.
    /// - Throws: ``KernelTreeError/missing(path:)``, ``KernelTreeError/damagedRepository(repository:reason:)`` or `BytesError`.
    package init(_ path: FilePath, environment: [String: String]) throws {
        guard Files.isDirectory(path) else { throw KernelTreeError.missing(path: path) }
        guard let folder = try Self.gitFolder(of: path) else {
            throw KernelTreeError.damagedRepository(repository: path, reason: "it is not a git repository")
        }
        let common = try Self.commonFolder(of: folder)
        guard let objects = Self.resolved(common.appending("objects")), Files.isDirectory(objects) else {
            throw KernelTreeError.damagedRepository(repository: path, reason: "it has no objects")
        }
        let isSHA256 = Self.usesSHA256(common)
        self.path = path
        self.environment = environment.merging(
            [
                "GIT_OBJECT_DIRECTORY": objects.string, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
                "GIT_ATTR_NOSYSTEM": "1", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_NO_LAZY_FETCH": "1",
                "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
                // Attributes of the tree must not decide what a diff shows (git since 2.43 reads those of HEAD).
                "GIT_ATTR_SOURCE": isSHA256 ? Self.emptyTree256 : Self.emptyTree,
            ]) { $1 }
        door = try Self.makeDoor(folder, common, isSHA256: isSHA256, in: environment["TMPDIR"])
    }

    deinit { try? Files.remove(door) }

    /// A git command that reads the repository.
    package func command(_ arguments: [String]) -> Command {
        Command(
            "git", ["--git-dir=\(door)", "-c", "protocol.allow=never"] + arguments, environment: environment,
            workingDirectory: door, deadline: .seconds(1800), package: "git")
    }

    private static let emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    private static let emptyTree256 = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"

    // MARK: - Where the parts are (gitrepository-layout(5))

    /// The folder with HEAD: the path itself, its `.git`, or that of a folder above.
    private static func gitFolder(of path: FilePath) throws -> FilePath? {
        var folder = resolved(path) ?? path
        while true {
            let inner = folder.appending(".git")
            if Files.isRegular(inner) {
                let text = String(decoding: try Files.read(inner).prefix(8192), as: UTF8.self)
                guard text.hasPrefix("gitdir: ") else { return nil }
                let named = FilePath(String(text.dropFirst(8).prefix { !$0.isNewline }))
                return named.isAbsolute ? named : folder.pushing(named)
            }
            for candidate in [inner, folder]
            where Files.isRegular(candidate.appending("HEAD")) && Files.isDirectory(candidate.appending("objects")) {
                return candidate
            }
            let above = folder.removingLastComponent()
            if above == folder || above.isEmpty { return nil }
            folder = above
        }
    }

    /// The folder with objects and references, which a linked work tree shares with its repository.
    private static func commonFolder(of folder: FilePath) throws -> FilePath {
        let file = folder.appending("commondir")
        guard Files.isRegular(file) else { return folder }
        let text = String(decoding: try Files.read(file).prefix(8192), as: UTF8.self)
        let named = FilePath(String(text.prefix { !$0.isNewline }))
        return named.isAbsolute ? named : folder.pushing(named)
    }

    /// Whether objects have SHA-256 names. The one line of the configuration that is looked at, as text.
    private static func usesSHA256(_ common: FilePath) -> Bool {
        guard let bytes = try? Files.read(common.appending("config")) else { return false }
        return String(decoding: bytes.prefix(1 << 20), as: UTF8.self).lowercased().split(whereSeparator: \.isNewline)
            .contains { line in
                let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
                return parts.count == 2 && parts[0] == "objectformat" && parts[1] == "sha256"
            }
    }

    private static func resolved(_ path: FilePath) -> FilePath? {
        guard let text = realpath(path.string, nil) else { return nil }
        defer { free(text) }
        return FilePath(platformString: text)
    }

    /// Makes the folder that git takes for the repository.
    private static func makeDoor(
        _ folder: FilePath, _ common: FilePath, isSHA256: Bool, in temporary: String?
    ) throws -> FilePath {
        let parent = FilePath(temporary ?? "/tmp")
        var template = Array(parent.appending("dom0kit-git-XXXXXX").string.utf8CString)
        guard mkdtemp(&template) != nil else {
            throw BytesError(path: parent, operation: .create, errno: Errno(rawValue: errno))
        }
        let door = FilePath(platformString: template)
        do {
            var settings = "[core]\n\trepositoryformatversion = \(isSHA256 ? 1 : 0)\n\tbare = true\n"
            if isSHA256 { settings += "[extensions]\n\tobjectformat = sha256\n" }
            try Files.write(settings, to: door.appending("config"))
            try Files.createDirectories(door.appending("objects"))
            try Files.write(try Files.read(folder.appending("HEAD")), to: door.appending("HEAD"))
            for name in ["refs", "packed-refs", "logs", "shallow"] {
                guard let target = resolved(common.appending(name)) else { continue }
                guard symlink(target.string, door.appending(name).string) == 0 else {
                    throw BytesError(path: door, operation: .create, errno: Errno(rawValue: errno))
                }
            }
            return door
        } catch {
            try? Files.remove(door)
            throw error
        }
    }
}
