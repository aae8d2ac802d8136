import ArgumentParser
import Bytes
import CVersion
import Debian
import Diagnostics
import Glibc
import Patching
import Pipeline
import SystemPackage

/// What the command line takes from the process around it.
enum Environment {
    /// The words of the command line, the program's own name first.
    static var commandLine: [String] {
        (0..<dom0kit_argument_count()).compactMap { dom0kit_argument($0).map { String(cString: $0) } }
    }

    /// The variables of this process.
    static var variables: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return variables
    }

    /// The variables that tools are run with: where they are, where they may put temporary files, and the proxies through
    /// which they reach the network.
    static var toolVariables: [String: String] {
        let passed = ["PATH", "HOME", "TMPDIR", "CCACHE_DIR", "http_proxy", "https_proxy", "no_proxy", "all_proxy"]
        var kept = variables.filter { passed.contains($0.key) }
        kept["LC_ALL"] = "C"
        if kept["PATH"] == nil { kept["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" }
        return kept
    }

    /// The permission bits that new files do not get (umask(2)).
    static var mask: UInt16 {
        // The only way to read it is to set it; no other thread makes files yet.
        let mask = umask(0o022)
        umask(mask)
        return UInt16(mask & 0o777)
    }

    /// The program to the build: its version and its file as it is.
    static var build: String {
        "dom0kit \(Version.current) \(ContentIdentity.ofFile("/proc/self/exe").map(\.text) ?? "")"
    }

    /// The program's own file, links resolved.
    static var program: FilePath {
        guard let resolved = realpath("/proc/self/exe", nil) else { return absolute(FilePath(commandLine.first ?? "")) }
        defer { free(resolved) }
        return FilePath(String(cString: resolved))
    }

    /// The folder or file itself, links resolved; the path as it is where nothing is there.
    static func resolved(_ path: FilePath) -> FilePath {
        guard let resolved = realpath(path.string, nil) else { return path }
        defer { free(resolved) }
        return FilePath(platformString: resolved)
    }

    /// Where an input is read from: `-` is standard input, everything else a path.
    static func input(_ path: FilePath) -> FilePath { path == "-" ? "/dev/stdin" : absolute(path) }

    /// Where the words of a command were said, if not here: relative paths in it are taken from there.
    @TaskLocal static var folderOfCommand: FilePath?

    /// The working directory; empty where it cannot be told.
    static var workingDirectory: FilePath {
        guard let current = getcwd(nil, 0) else { return "" }
        defer { free(current) }
        return FilePath(String(cString: current))
    }

    /// The path from the working directory where it is relative.
    static func absolute(_ path: FilePath) -> FilePath {
        if path.isAbsolute { return path.lexicallyNormalized() }
        return (folderOfCommand ?? workingDirectory).pushing(path).lexicallyNormalized()
    }
}
