import Host
import SystemPackage

/// Which compilers a kernel is built with: what a profile says of them.
public struct CompilerRule: Sendable, Equatable, Encodable {
    /// The compiler (`CC`), by the name it has in the search path; `gcc` where not given.
    public var compiler: String?
    /// The compiler of the programs that run during the build (`HOSTCC`).
    public var hostCompiler: String?
    /// The oldest major version of GCC that builds this kernel.
    public var oldest: Int?
    /// The newest major version of GCC that builds it.
    public var newest: Int?
    /// Further programs that the build runs, such as `gawk`, each in the Debian package of its name.
    public var programs: [String]

    /// States a rule; the default takes any compiler.
    public init(
        compiler: String? = nil, hostCompiler: String? = nil, oldest: Int? = nil, newest: Int? = nil,
        programs: [String] = []
    ) {
        self.compiler = compiler
        self.hostCompiler = hostCompiler
        self.oldest = oldest
        self.newest = newest
        self.programs = programs
    }

    /// Whether this kernel builds with that major version of GCC.
    public func accepts(_ major: Int) -> Bool { (oldest ?? 0) <= major && major <= (newest ?? .max) }

    /// The accepted versions in words; `nil` where any will do.
    public var range: String? {
        switch (oldest, newest) {
        case (nil, nil): nil
        case (let oldest?, nil): "GCC \(oldest) or later"
        case (nil, let newest?): "GCC up to \(newest)"
        case (let oldest?, let newest?): oldest == newest ? "GCC \(oldest)" : "GCC \(oldest) to \(newest)"
        }
    }

    /// Finds the compiler and holds its version against the rule, before anything is built.
    /// - Parameters:
    ///   - choice: A name, a program's path or the folder of an unpacked package, instead of ``compiler``.
    ///   - title: What errors call it, where the choice itself says too little.
    ///   - variables: The environment it is looked up and run in.
    /// - Returns: What `CC` is to be; `nil` where neither the rule nor the choice names a compiler.
    /// - Throws: ``BuildError/compilerRefused(_:version:accepted:usable:)``, ``BuildError/noCompiler(_:)``, or ``HostError``.
    public func compiler(
        choice: String?, named title: String? = nil, variables: [String: String]
    ) async throws -> String? {
        guard let name = choice ?? compiler ?? (range == nil ? nil : "gcc") else { return nil }
        let program = try Self.program(name)
        let output = try await Command(
            program, ["-dumpfullversion", "-dumpversion"], environment: variables, deadline: .seconds(20),
            package: program.contains("/") ? nil : program
        ).capture(limit: 1 << 16)
        let version = String(decoding: output.standardOutput, as: UTF8.self).split(separator: "\n").first.map(
            String.init)
        guard output.termination.succeeded, let version,
            let major = version.split(separator: ".").first.flatMap({ Int($0) })
        else { throw BuildError.noCompiler(title ?? program) }
        guard accepts(major) else {
            throw BuildError.compilerRefused(
                title.map { "the compiler of \($0)" } ?? program, version: version, accepted: range ?? "",
                usable: usable(in: variables["PATH"] ?? ""))
        }
        return program
    }

    /// The names of compilers of the machine that the rule accepts, newest first.
    private func usable(in searchPath: String) -> [String] {
        (4...99).filter(accepts).map { "gcc-\($0)" }.filter { Tools.find($0, in: searchPath) != nil }.reversed()
    }

    /// The program that a choice means: itself, or the compiler in the folder of an unpacked package.
    package static func program(_ choice: String) throws(BuildError) -> String {
        guard choice.contains("/") else { return choice }
        let folders = ["usr/bin", "bin", ""].map { $0.isEmpty ? FilePath(choice) : FilePath(choice).appending($0) }
        let names =
            ["gcc", "x86_64-linux-gnu-gcc"]
            + (4...99).reversed().flatMap { ["gcc-\($0)", "x86_64-linux-gnu-gcc-\($0)"] }
        for folder in folders {
            for name in names {
                if let found = Tools.find(name, in: folder.string) { return found.string }
            }
        }
        let path = FilePath(choice)
        guard let name = path.lastComponent?.string, Tools.find(name, in: path.removingLastComponent().string) != nil
        else { throw .noCompiler(choice) }
        return choice
    }
}
