import Glibc
public import SystemPackage

/// The environment Kbuild runs in: complete, and the same on every machine and day, so that the same source, config and
/// toolchain give the same image (Linux: `Documentation/kbuild/reproducible-builds.rst`).
public struct BuildEnvironment: Sendable, Equatable {
    /// The `ARCH` Kbuild is called with, such as `x86_64`.
    public var architecture: String
    /// The compiler (`CC`), such as `gcc` or `ccache gcc`; Kbuild's own default where `nil`.
    public var compiler: String?
    /// The compiler of the programs that run while the kernel is built (`HOSTCC`); Kbuild's own default where `nil`.
    public var hostCompiler: String?
    /// The variables of the environment.
    public let variables: [String: String]

    /// Builds on the variables passed, with those that make a build reproducible set over them.
    /// - Parameters:
    ///   - architecture: The `ARCH`.
    ///   - compiler: The `CC`.
    ///   - epoch: Seconds since 1970 that stand for the time of the build; best the time of the source.
    ///   - searchPath: The `PATH` in which make finds its tools.
    ///   - passed: Variables taken over as they are (`CCACHE_DIR`, `TMPDIR`).
    public init(
        architecture: String, compiler: String? = nil, epoch: Int, searchPath: String, passed: [String: String] = [:]
    ) {
        self.architecture = architecture
        self.compiler = compiler
        variables = passed.merging(
            [
                "PATH": searchPath,
                "LC_ALL": "C",
                "TZ": "UTC",
                "SOURCE_DATE_EPOCH": String(epoch),
                "KBUILD_BUILD_TIMESTAMP": Self.date(epoch),
                "KBUILD_BUILD_USER": "dom0kit",
                "KBUILD_BUILD_HOST": "dom0kit",
                "KBUILD_BUILD_VERSION": "1",
            ]) { _, ours in ours }
    }

    /// The `make` arguments that every call needs: architecture, compiler and output folder.
    public func makeArguments(tree: FilePath, output: FilePath) -> [String] {
        let arguments = ["-C", tree.string, "O=\(output.string)", "ARCH=\(architecture)"]
        return arguments + compilers
    }

    /// The compilers it names, for ``Toolchain``; gcc, which every build needs for its own programs, is there anyway.
    public var programs: [(name: String, package: String)] {
        let named = [compiler?.split(separator: " ").last.map(String.init), hostCompiler].compactMap(\.self)
        return Set(named).subtracting(["gcc"]).sorted().map { ($0, FilePath($0).lastComponent?.string ?? $0) }
    }

    /// The variables of make that name the compilers.
    public var compilers: [String] {
        [compiler.map { "CC=\($0)" }, hostCompiler.map { "HOSTCC=\($0)" }].compactMap(\.self)
    }

    /// As `date -u` prints it, which is what the kernel's banner shows.
    private static func date(_ epoch: Int) -> String {
        var time = time_t(epoch)
        var parts = tm()
        gmtime_r(&time, &parts)
        var text = [CChar](repeating: 0, count: 64)
        let length = strftime(&text, text.count, "%a %b %e %H:%M:%S UTC %Y", &parts)
        return String(decoding: text[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
