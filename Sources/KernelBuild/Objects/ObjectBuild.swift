import Bytes
public import Diagnostics
import Host
import Synchronization
public import SystemPackage

/// Some objects of a kernel to compile by themselves, in a configured output folder.
public struct ObjectBuild: Sendable {
    /// The source tree; it is only read.
    public var tree: FilePath
    /// The output folder (`O=`), with the `.config` in it.
    public var output: FilePath
    /// The objects, relative to the top: `drivers/xen/events/events_base.o`.
    public var objects: [String]
    /// How many jobs make runs at once.
    public var jobs: Int
    /// The environment.
    public var environment: BuildEnvironment

    /// Describes it.
    public init(tree: FilePath, output: FilePath, objects: [String], jobs: Int, environment: BuildEnvironment) {
        self.tree = tree
        self.output = output
        self.objects = objects
        self.jobs = jobs
        self.environment = environment
    }

    /// What came of it.
    public struct Result: Sendable {
        /// The objects that are there.
        public let compiled: Set<String>
        /// Those for which make has no rule, or does not look: the configuration does not build them.
        public let unknown: Set<String>
        /// What the compiler said, in order, each once.
        public let messages: [CompilerMessage]
        /// Why nothing could be compiled; `nil` where something could.
        public let obstacle: String?
        /// Make's whole output.
        public let log: FilePath

        /// States what came of it.
        public init(
            compiled: Set<String>, unknown: Set<String>, messages: [CompilerMessage], obstacle: String?, log: FilePath
        ) {
            self.compiled = compiled
            self.unknown = unknown
            self.messages = messages
            self.obstacle = obstacle
            self.log = log
        }
    }

    private var log: FilePath { output.appending("dom0kit-objects.log") }

    private func command(_ targets: [String]) -> Command {
        Command(
            "make", environment.makeArguments(tree: tree, output: output) + ["-k", "-j\(jobs)"] + targets,
            environment: environment.variables, package: "make")
    }

    /// What is to be made before an object can be: generated headers and the programs that make them.
    private static let preparation = "prepare"

    /// Compiles them, each by itself: one that fails does not keep the others from being tried.
    /// - Throws: ``HostError`` where make cannot run or was interrupted, ``BuildError`` where the machine failed.
    public func perform(progress: any ProgressSink) async throws -> Result {
        progress.report(.began(what: "prepare \(tree.lastComponent?.string ?? "the tree") for single objects"))
        let prepared = try await run([Self.preparation], progress)
        guard prepared.succeeded else {
            return Result(
                compiled: [], unknown: [], messages: [],
                obstacle: prepared.errors.first ?? "make \(Self.preparation) ended with \(prepared.termination)",
                log: log)
        }
        // What is there from an earlier run would pass for compiled, and say nothing.
        for object in objects { try Files.remove(output.pushing(FilePath(object))) }
        let total = objects.count
        progress.report(.began(what: "compile \(total) objects of \(tree.lastComponent?.string ?? "the tree")"))
        let built = objects.isEmpty ? prepared : try await run(objects, progress)
        let compiled = Set(objects.filter { Files.isRegular(output.pushing(FilePath($0))) })
        // Those that failed have said so; of the others make knows nothing.
        func isAmong(_ targets: Set<String>, _ object: String) -> Bool {
            targets.contains { object == $0 || object.hasSuffix("/" + $0) || $0.hasSuffix("/" + object) }
        }
        let unknown = Set(objects).subtracting(compiled).filter { object in
            isAmong(built.unknownTargets, object) || !isAmong(built.failedTargets, object)
        }
        return Result(
            compiled: compiled, unknown: unknown, messages: built.messages, obstacle: nil, log: log)
    }

    /// What a run of make said.
    private struct Said: Sendable {
        var messages: [CompilerMessage] = []
        var seen: Set<CompilerMessage> = []
        var errors: [String] = []
        var failedTargets: Set<String> = []
        var unknownTargets: Set<String> = []
        var trouble: (MachineTrouble, String)?
        var termination = ""
        var succeeded = false

        mutating func take(_ line: String, tree: FilePath) {
            if trouble == nil { trouble = MachineTrouble(line: line).map { ($0, line) } }
            if let message = CompilerMessage(line: line, tree: tree), seen.insert(message).inserted {
                messages.append(message)
            }
            guard line.hasPrefix("make"), line.contains("***") else { return }
            errors.append(line)
            // `make[3]: *** No rule to make target 'drivers/x.o'.  Stop.`, in older ones with a backtick.
            if let start = line.firstRange(of: "No rule to make target ")?.upperBound {
                let name = line[start...].dropFirst().prefix { $0 != "'" }
                unknownTargets.insert(String(name))
            }
            // `make[3]: *** [../scripts/Makefile.build:250: drivers/x.o] Error 1`
            if let open = line.firstRange(of: "*** [")?.upperBound, let close = line[open...].lastIndex(of: "]") {
                if let target = line[open..<close].split(separator: " ").last { failedTargets.insert(String(target)) }
            }
        }
    }

    private func run(_ targets: [String], _ progress: any ProgressSink) async throws -> Said {
        let said = Mutex(Said())
        let steps = Mutex(0)
        let ended = try await command(targets).stream(log: log) { [tree] line in
            said.withLock { $0.take(line, tree: tree) }
            guard let step = KbuildStep(line: line) else { return }
            let done = steps.withLock { count -> Int in
                count += 1
                return count
            }
            progress.report(.advanced(done: done, total: nil, item: "\(step.action) \(step.target)"))
        }
        var result = said.withLock { $0 }
        if let (trouble, line) = result.trouble { throw BuildError.machine(trouble, line: line, log: log) }
        (result.termination, result.succeeded) = (ended.description, ended.succeeded)
        return result
    }
}
