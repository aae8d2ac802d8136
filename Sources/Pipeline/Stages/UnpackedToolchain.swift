import Archive
import Bytes
import Diagnostics
import Glibc
import Host
import KernelBuild
import SystemPackage

/// A compiler out of packages that are not installed here, such as those of another Debian release.
///
/// It comes as a folder of `.deb` files, or as the folder they were unpacked to. Its programs were linked against the C
/// library of their own release: where that is among the packages, each is started by that library's own program loader, for
/// which small shell scripts are written. The compiler finds its parts (`cc1`, `collect2`) as scripts too, by `-B`.
package enum UnpackedToolchain {
    /// What is to be called in the place of a choice: a script, or the choice itself where it needs none.
    /// - Parameters:
    ///   - choice: A name, a program's path, or a folder.
    ///   - cache: Where packages are unpacked to and scripts are written; made if it is not there.
    /// - Throws: ``BuildError/noCompiler(_:)``, `ArchiveError`, `BytesError`.
    package static func program(
        _ choice: String, cache: FilePath, progress: any ProgressSink
    ) async throws -> String {
        guard choice.contains("/"), Files.isDirectory(FilePath(choice)) else { return choice }
        let root = try await unpacked(FilePath(choice), cache: cache, progress: progress)
        guard let loader = loaders.map({ root.pushing(FilePath($0)) }).first(where: Files.exists) else {
            return root.string
        }
        let driver = try CompilerRule.program(root.string)
        return try write(driver: driver, loader: loader, root: root, cache: cache)
    }

    /// Where the program loader of x86-64 is in packages, before and after the merge of `/usr`.
    private static let loaders = ["usr/lib64/ld-linux-x86-64.so.2", "lib64/ld-linux-x86-64.so.2"]
    /// The programs that the compiler starts.
    private static let parts = ["cc1", "collect2", "lto1", "lto-wrapper"]
    /// Assembler and linker, which the compiler starts too: the machine's own where they are not among the packages.
    private static let binutils = ["as", "ld"]

    /// The folder itself, or that to which the packages in it are unpacked, once for each content.
    private static func unpacked(
        _ folder: FilePath, cache: FilePath, progress: any ProgressSink
    ) async throws -> FilePath {
        let packages = try Files.list(folder).filter { $0.hasSuffix(".deb") }.sorted()
        guard !packages.isEmpty else { return folder }
        let list = try packages.map { "\(try Digest(ofFile: folder.appending($0)).hex)  \($0)\n" }.joined()
        let root = cache.appending("root-" + Digest(of: list).hex.prefix(16))
        guard !Files.exists(root) else { return root }
        progress.report(.began(what: "unpack \(Wording.count(packages.count, "package")) of the toolchain"))
        let work = cache.appending(".root-\(UInt32.random(in: .min ... .max)).tmp")
        try Files.createDirectories(work)
        defer { try? Files.remove(work) }
        var extraction = Extraction()
        extraction.links = .rootFileSystem
        extraction.merging = true
        for name in packages { try await extraction.unpack(.debianPackage(folder.appending(name)), into: work) }
        // Another run may have been faster; what it unpacked is the same.
        if rename(work.string, root.string) != 0, !Files.exists(root) {
            throw BytesError(path: root, operation: .create, errno: Errno(rawValue: errno))
        }
        return root
    }

    private static func write(
        driver: String, loader: FilePath, root: FilePath, cache: FilePath
    ) throws -> String {
        let scripts = cache.appending("scripts-" + Digest(of: driver).hex.prefix(16))
        let own = scripts.appending("parts")
        try Files.createDirectories(own)
        let libraries = ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"].map { root.pushing(FilePath($0)).string }
        let start =
            "exec \(Shell.quoted(loader.string)) --library-path \(Shell.quoted(libraries.joined(separator: ":")))"
        func script(_ path: FilePath, _ program: String, _ more: String = "") throws {
            let text = "#!/bin/sh\n\(start) \(Shell.quoted(program))\(more) \"$@\"\n"
            // Untouched where it is right: what it is part of may depend on its time.
            if Files.isRegular(path), try Files.read(path) == Array(text.utf8) { return }
            try Files.write(
                Array(text.utf8), to: path,
                permissions: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
        }
        let found = try programs(of: root)
        for (name, path) in found { try script(own.appending(name), path) }
        let called = scripts.appending(FilePath(driver).lastComponent?.string ?? "gcc")
        // The machine's linker would load a plugin of the compiler's, which needs the other C library.
        let hasLinker = found.contains { $0.name == "ld" }
        try script(
            called, driver, " \(Shell.quoted("-B\(own)/"))" + (hasLinker ? "" : " -fno-use-linker-plugin"))
        return called.string
    }

    /// The compiler's parts, by name: `usr/libexec/gcc/TARGET/VERSION/cc1`, before GCC 13 below `usr/lib`.
    private static func programs(of root: FilePath) throws -> [(name: String, path: String)] {
        var found: [(name: String, path: String)] = binutils.compactMap { name in
            let path = root.pushing(FilePath("usr/bin/x86_64-linux-gnu-\(name)"))
            return Files.exists(path) ? (name, path.string) : nil
        }
        for base in ["usr/libexec/gcc/x86_64-linux-gnu", "usr/lib/gcc/x86_64-linux-gnu"] {
            let folder = root.pushing(FilePath(base))
            guard Files.isDirectory(folder) else { continue }
            for version in try Files.list(folder).sorted() {
                for name in parts where !found.contains(where: { $0.name == name }) {
                    let path = folder.appending(version).appending(name)
                    if Files.isRegular(path) { found.append((name, path.string)) }
                }
            }
        }
        return found
    }
}
