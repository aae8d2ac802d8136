import Glibc
public import SystemPackage

/// The environment Kbuild runs in: complete, and the same on every machine and day, so that the same source, config and
/// toolchain give the same image (Linux: `Documentation/kbuild/reproducible-builds.rst`).
public struct BuildEnvironment: Sendable, Equatable {
    /// The `ARCH` Kbuild is called with, such as `x86_64`.
    public var architecture: String
    /// The compiler (`CC`), such as `gcc` or `ccache gcc`; Kbuild's own default where `nil`.
    public var compiler: String?
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
        var arguments = ["-C", tree.string, "O=\(output.string)", "ARCH=\(architecture)"]
        if let compiler { arguments.append("CC=\(compiler)") }
        return arguments
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
