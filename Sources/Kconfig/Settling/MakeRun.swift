import Bytes
import Diagnostics
import Host
import Synchronization
import SystemPackage

/// Runs the tree's configuration targets one after the other and listens to what conf says.
struct MakeRun {
    let resolver: KconfigResolver
    let log: FilePath
    let progress: any ProgressSink
    /// What conf warned about so far, each once.
    private(set) var warnings: [String] = []

    init(resolver: KconfigResolver, log: FilePath, progress: any ProgressSink) {
        self.resolver = resolver
        self.log = log
        self.progress = progress
    }

    /// Runs `make TARGET`.
    mutating func make(_ target: String) async throws {
        var arguments = ["-C", resolver.tree.string, "ARCH=\(resolver.architecture)"] + resolver.variables
        if resolver.output != resolver.tree { arguments.append("O=\(resolver.output.string)") }
        let command = Command(
            "make", arguments + ["--no-print-directory", target], environment: resolver.environment, package: "make")
        progress.report(.began(what: "make \(target)"))
        let piece = resolver.output.appending("kconfig.\(target).part")
        let lines = Mutex<[String]>([])
        let termination = try await command.stream(log: piece) { line in lines.withLock { $0.append(line) } }
        try keep(piece, of: command)
        let said = lines.withLock { $0 }
        guard termination.succeeded else { throw failure(command, said) }
        for line in Self.warnings(said) where !warnings.contains(line) {
            warnings.append(line)
            progress.report(.warning(line))
        }
    }

    /// Appends one command's output to the log.
    private func keep(_ piece: FilePath, of command: Command) throws(KconfigError) {
        try KconfigResolver.filing { () throws(BytesError) in
            let before = Files.exists(log) ? try Files.read(log) : []
            let line = Array("$ \(command.shellLine)\n".utf8)
            try Files.write(before + line + (try Files.read(piece)), to: log)
            try Files.remove(piece)
        }
    }

    private func failure(_ command: Command, _ lines: [String]) -> KconfigError {
        let tools = ["flex": "flex", "bison": "bison", "gcc": "gcc", "cc": "gcc", "ld": "binutils", "m4": "m4"]
        for line in lines where line.contains("not found") || line.contains("No such file") {
            // `/bin/sh: 1: flex: not found`, `make[2]: gcc: No such file or directory`, `C compiler 'gcc' not found`
            let words = line.split { !($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }.map(String.init)
            if let tool = words.first(where: { tools[$0] != nil }), let package = tools[tool] {
                return .toolMissing(name: tool, package: package)
            }
        }
        return .resolverFailed(command: command.shellLine, lines: Array(lines.suffix(12)), log: log)
    }

    /// Whether a warning is the compiler's, of conf's own source: nothing about a configuration.
    private static func isCompilers(_ line: String) -> Bool {
        guard let file = line.split(separator: ":").first else { return false }
        return [".c", ".h", ".l", ".y"].contains { file.hasSuffix($0) }
    }

    /// The warnings among the lines; an unmet dependency spans several lines, which belong together.
    static func warnings(_ lines: [String]) -> [String] {
        var warnings: [String] = []
        var inside = false
        for line in lines {
            if line.hasPrefix("WARNING: ") {
                warnings.append(line)
                inside = true
            } else if inside, line.hasPrefix(" "), let last = warnings.popLast() {
                let text = line.drop { $0 == " " || $0 == "\t" }
                warnings.append(last + "; " + text)
            } else {
                inside = false
                // `.config:12:warning: override: …` is how the tree's own targets lay one fragment over another.
                let isWarning = line.contains(":warning: ") || line.contains(": warning: ")
                if isWarning, !line.contains(": override: "), !isCompilers(line) { warnings.append(line) }
            }
        }
        return warnings
    }
}
