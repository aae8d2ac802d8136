import Bytes
public import Diagnostics
import Host
import SystemPackage

/// Whether this machine has what the kit needs.
public struct Doctor: Sendable {
    /// Something the kit needs.
    public struct Need: Sendable {
        /// The program's name, or the header's path.
        public let name: String
        /// What it is for.
        public let purpose: String
        /// The Debian package that has it.
        public let package: String
        /// Whether things fail without it, rather than getting slower.
        public let required: Bool
    }

    /// What was found of one need.
    public struct Finding: Sendable, Codable, Equatable {
        /// The program's name, or the header's path.
        public let name: String
        /// What it is for.
        public let purpose: String
        /// The Debian package that has it.
        public let package: String
        /// Whether things fail without it.
        public let required: Bool
        /// Where it is; absent where it is missing.
        public let path: String?
        /// What it says of its version.
        public let version: String?
    }

    /// Programs.
    public static let programs = [
        Need(name: "make", purpose: "building kernels", package: "make", required: true),
        Need(name: "gcc", purpose: "building kernels", package: "gcc", required: true),
        Need(name: "ld", purpose: "building kernels", package: "binutils", required: true),
        Need(name: "flex", purpose: "the kernel's Kconfig", package: "flex", required: true),
        Need(name: "bison", purpose: "the kernel's Kconfig", package: "bison", required: true),
        Need(name: "bc", purpose: "the kernel's time constants", package: "bc", required: true),
        Need(name: "perl", purpose: "the kernel's build scripts", package: "perl", required: true),
        Need(name: "qemu-system-x86_64", purpose: "booting Xen", package: "qemu-system-x86", required: true),
        Need(
            name: "apt-get", purpose: "kernel sources and hypervisors from Debian's mirrors", package: "apt",
            required: true),
        Need(name: "git", purpose: "trees given as git:REPO@REVISION", package: "git", required: false),
        Need(
            name: "musl-gcc", purpose: "the small userland of kernels before 2.6.32", package: "musl-tools",
            required: false),
        Need(name: "gawk", purpose: "building kernels of 2009", package: "gawk", required: false),
        Need(name: "ccache", purpose: "building a kernel again faster", package: "ccache", required: false),
    ]

    /// Headers that the kernel's own tools include.
    public static let headers = [
        Need(name: "libelf.h", purpose: "the kernel's objtool", package: "libelf-dev", required: true),
        Need(
            name: "openssl/opensslv.h", purpose: "kernels with signed modules", package: "libssl-dev", required: false),
    ]

    /// Looks for everything.
    /// - Parameter variables: The environment programs are looked up and run in.
    public static func examine(variables: [String: String]) async throws -> [Finding] {
        var findings: [Finding] = []
        for need in programs {
            let path = Tools.find(need.name, in: variables["PATH"] ?? "")
            var version: String?
            if let path {
                let output = try await Command(
                    path.string, ["--version"], environment: variables, deadline: .seconds(20)
                ).capture(limit: 1 << 20)
                version = output.text.split(separator: "\n").first { $0.contains { $0.isNumber } }.map(String.init)
            }
            findings.append(Finding(need, path: path, version: version))
        }
        for need in headers {
            let path = ["/usr/include", "/usr/local/include", "/usr/include/x86_64-linux-gnu"]
                .map { FilePath($0).pushing(FilePath(need.name)) }.first { Files.isRegular($0) }
            findings.append(Finding(need, path: path, version: nil))
        }
        return findings
    }

    /// The verdict on what was found: fail where something required is missing, warn where something else is.
    public static func verdict(_ findings: [Finding]) -> Verdict {
        findings.filter { $0.path == nil }.map { $0.required ? Verdict.fail : .pass }.max() ?? .pass
    }
}

extension Doctor.Finding {
    fileprivate init(_ need: Doctor.Need, path: FilePath?, version: String?) {
        self.init(
            name: need.name, purpose: need.purpose, package: need.package, required: need.required,
            path: path?.string, version: version)
    }
}
