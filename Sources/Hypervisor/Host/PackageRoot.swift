import Bytes
import Elf
import Glibc
import SystemPackage

/// Folders with unpacked packages, each read as if it were `/`: links never lead out of it.
struct PackageRoot {
    /// The folders; what an earlier one has hides what is in a later one.
    let folders: [FilePath]
    /// The same for shared libraries and the program loader, which have to fit each other.
    let libraryRoots: [FilePath]
    /// What errors call the packages.
    let name: String

    init(folders: [FilePath], libraryRoots: [FilePath]? = nil, name: String) {
        self.folders = folders
        self.libraryRoots = libraryRoots ?? folders
        self.name = name
    }

    /// The content of a file.
    /// - Parameter path: Absolute inside the packages.
    func read(_ path: String) throws -> [UInt8] { try read(path, in: folders) }

    private func read(_ path: String, in folders: [FilePath]) throws -> [UInt8] {
        guard let real = Self.resolve(path, in: folders), Files.isRegular(real) else {
            throw HypervisorError.notInPackages(file: path, hypervisor: name)
        }
        return try Files.read(real)
    }

    /// Where a path leads, with links followed inside the root; `nil` where nothing is.
    ///
    /// A path that is not there is tried on the other side of the `/usr` merge.
    func resolve(_ path: String) -> FilePath? { Self.resolve(path, in: folders) }

    private static func resolve(_ path: String, in folders: [FilePath]) -> FilePath? {
        let other = path.hasPrefix("/usr/") ? String(path.dropFirst(4)) : "/usr" + path
        for folder in folders {
            if let found = follow(path, in: folder) ?? follow(other, in: folder) { return found }
        }
        return nil
    }

    private static func follow(_ path: String, in folder: FilePath) -> FilePath? {
        var pending = path.split(separator: "/").map(String.init)
        var done: [String] = []
        var links = 0
        while !pending.isEmpty {
            let part = pending.removeFirst()
            if part == "." { continue }
            if part == ".." {
                if !done.isEmpty { done.removeLast() }
                continue
            }
            let candidate = location(done + [part], in: folder)
            var status = stat()
            guard lstat(candidate.string, &status) == 0 else { return nil }
            guard status.st_mode & S_IFMT == S_IFLNK else {
                done.append(part)
                continue
            }
            links += 1
            var target = [UInt8](repeating: 0, count: 4096)
            let length = target.withUnsafeMutableBytes { buffer in
                buffer.withMemoryRebound(to: CChar.self) { characters in
                    characters.baseAddress.map { readlink(candidate.string, $0, characters.count) } ?? -1
                }
            }
            guard length > 0, length < target.count, links < 40 else { return nil }
            let text = String(decoding: target[..<length], as: UTF8.self)
            if text.hasPrefix("/") { done = [] }
            pending = text.split(separator: "/").map(String.init) + pending
        }
        return location(done, in: folder)
    }

    private static func location(_ parts: [String], in folder: FilePath) -> FilePath {
        var path = folder
        for part in parts { path.append(part) }
        return path
    }

    /// The shared libraries that programs need, transitively, and the program loader.
    /// - Parameters:
    ///   - programs: Absolute paths of ELF files; those without libraries add none.
    ///   - opened: Names of more libraries.
    ///   - folders: Where libraries are looked for, in order.
    /// - Returns: Where each is in the initramfs, with its content, sorted by name.
    func libraries(of programs: [String], opened: [String], in folders: [String]) throws -> [(
        path: String, content: [UInt8]
    )] {
        var found: [String: [UInt8]] = [:]
        var pending = programs.map { (path: $0, roots: self.folders) }
        func add(_ library: String, for user: String) throws {
            let place = Self.libraryFolder + "/" + library
            if found[place] != nil { return }
            guard !library.contains("/"),
                let source = folders.map({ $0 + "/" + library }).first(where: {
                    Self.resolve($0, in: libraryRoots) != nil
                })
            else {
                throw HypervisorError.notInPackages(file: "library \(library), which \(user) needs", hypervisor: name)
            }
            found[place] = try read(source, in: libraryRoots)
            pending.append((source, libraryRoots))
        }
        for library in opened { try add(library, for: "'opened'") }
        while let (path, roots) = pending.popLast() {
            let elf = try elf(path, in: roots)
            if let interpreter = elf.interpreter, found[interpreter] == nil {
                found[interpreter] = try read(interpreter, in: libraryRoots)
            }
            for library in elf.neededLibraries { try add(library, for: path) }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Where libraries are put in the initramfs.
    static let libraryFolder = "/usr/lib/x86_64-linux-gnu"

    private func elf(_ path: String, in roots: [FilePath]) throws -> ElfFile {
        guard let elf = ElfFile(try read(path, in: roots)) else {
            throw HypervisorError.notExecutable(file: path, reason: "it is not an ELF file")
        }
        return elf
    }
}
