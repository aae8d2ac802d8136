import Bytes
import Debian
public import Diagnostics
import Glibc
import Host
import Hypervisor
import KernelBuild
import KernelModel
import SystemPackage

/// A run of a profile: the stages strung together, each taken from the cache where nothing it depends on changed.
public struct Run: Sendable {
    private let request: RunRequest
    private let cache: StageCache

    /// Prepares a run.
    public init(_ request: RunRequest) {
        self.request = request
        cache = StageCache(work: request.work)
    }

    /// Runs the stages. One that fails ends the run; that is a result, not an error.
    /// - Throws: Errors of the modules where a stage cannot be judged at all (no disk, no mirror, no tool).
    public func perform(progress: any ProgressSink) async throws -> RunResult {
        try Files.createDirectories(request.work)
        let lock = try WorkspaceLock(
            folder: request.work, holder: "dom0kit run \(request.profile.name), process \(getpid())")
        defer { lock.release() }
        var result = RunResult(
            kit: request.kitVersion, profile: request.profile.name, verdict: .pass, work: request.work.string)
        try await stages(&result, progress)
        let reached = result.stages.map(\.name)
        result.notChecked = Stage.allCases.filter { !reached.contains($0) && $0 != .evidence }
        if request.stopAfter == .evidence || result.failure != nil {
            try EvidenceStage(request: request).run(&result)
        }
        return result
    }

    /// Runs stage after stage until one fails or the last asked for is done.
    private func stages(_ result: inout RunResult, _ progress: any ProgressSink) async throws {
        let profile = request.profile
        // Told first: a kernel that this compiler does not build is not imported for it.
        let compiler = request.stopAfter == .import ? nil : try await compiler(progress)
        let importStage = ImportStage(request: request)
        let earlier: StageRecord<ImportResult>? = cache.load(.import)
        var inputs = try await importStage.inputs(earlier: earlier?.value, progress: progress)
        let source = try await cached(.import, inputs, &result, progress, stillThere: importStage.damage) {
            try await importStage.run(progress: progress)
        }
        result.import = source
        guard goesOn(after: .import, result) else { return }

        let environment = environment(for: source, compiler: compiler)
        let applyStage = try ApplyStage(request: request, source: source, environment: environment)
        inputs = applyStage.inputs()
        let applied = try await cached(.apply, inputs, &result, progress, stillThere: applyStage.damage) {
            try await applyStage.run(progress: progress)
        }
        result.apply = applied
        if let failure = applied.failure { fail(.apply, failure.message, failure.explanation, &result) }
        guard goesOn(after: .apply, result) else { return }

        let toolchain = try await Toolchain(
            programs: Toolchain.gnu + environment.programs + (profile.build.toolchain?.programs ?? []).map { ($0, $0) },
            variables: environment.variables)
        let configureStage = ConfigureStage(
            profile: profile, tree: applyStage.tree, work: request.work,
            fragments: request.fragments, environment: environment, provenance: provenance(applied))
        inputs = try configureStage.inputs()
        inputs["tree"] = applied.treeKey
        add(toolchain, environment, to: &inputs)
        let configured = try await cached(.configure, inputs, &result, progress) {
            try await configureStage.run(progress: progress)
        }
        result.configure = configured
        let lacking = configured.findings.filter { $0.level != .recommended }
        if let first = lacking.first {
            fail(
                .configure, first.summary,
                lacking.flatMap { [$0.summary] + ($0.explanation.map { ["  " + $0] } ?? []) }, &result)
        }
        guard goesOn(after: .configure, result) else { return }

        inputs = ["tree": applied.treeKey, "configuration": configured.sha256]
        inputs["targets"] = profile.build.targets.joined(separator: " ")
        inputs["image"] = profile.build.image
        add(toolchain, environment, to: &inputs)
        let buildStage = BuildStage(
            profile: profile, tree: applyStage.tree, work: request.work, jobs: request.jobs, environment: environment,
            toolchain: toolchain, key: inputs.key)
        let built = try await cached(.build, inputs, &result, progress) { try await buildStage.run(progress: progress) }
        result.build = built
        if let failure = built.failure {
            fail(.build, failure.message, failure.context + ["log: \(failure.log)"], &result)
        }
        guard goesOn(after: .build, result), let kernel = built.kernel else { return }

        let mode = profile.boot.dom0
        let inspectStage = InspectStage(image: request.work.pushing(BuildStage.image), dom0: mode)
        let facts = try await cached(
            .inspect, ["image": kernel.imageSHA256, "dom0": mode.rawValue], &result, progress
        ) {
            try inspectStage.run()
        }
        result.inspect = facts
        let acceptance = mode == .pvh ? facts.dom0.pvh : facts.dom0.pv
        if !acceptance.supported { fail(.inspect, acceptance.reasons.joined(separator: "; "), [], &result) }
        guard goesOn(after: .inspect, result) else { return }

        try await boot(kernel, applied, &result, progress)
    }

    private func boot(
        _ kernel: BuiltKernel, _ applied: ApplyResult, _ result: inout RunResult, _ progress: any ProgressSink
    ) async throws {
        let description = try HypervisorStore(data: request.store.data).load(
            request.hypervisor ?? request.profile.boot.hypervisor)
        let host = try await TestHost.prepare(
            description, cache: request.work.appending("hosts"),
            provider: DebianPackageProvider(fetcher: try request.fetcher(), progress: progress),
            deviceModel: request.profile.boot.guests.contains(.hvm),
            userland: request.profile.boot.userland ?? .full, programs: request.profile.boot.programs ?? false,
            variables: request.variables, progress: progress)
        let stage = BootStage(
            profile: request.profile, work: request.work, host: host, variables: request.variables,
            release: kernel.release, series: applied.seriesName, hash: applied.seriesSHA256)
        var inputs = try stage.inputs()
        inputs["image"] = kernel.imageSHA256
        inputs["host"] = host.key.hex
        inputs["emulator"] = try await Toolchain(
            programs: [("qemu-system-x86_64", "qemu-system-x86")], variables: request.variables
        ).versions.values.joined()
        let verdict = try await cached(.boot, inputs, &result, progress) { try await stage.run(progress: progress) }
        result.boot = verdict
        result.reproduce = verdict.reproduce
        if let failure = verdict.failure {
            fail(.boot, "\(failure.stage): \(failure.kind.rawValue): \(failure.reason)", failure.lines, &result)
        }
    }

    /// Runs a stage through the cache and notes its summary.
    private func cached<Value: Codable & Sendable>(
        _ stage: Stage, _ inputs: StageInputs, _ result: inout RunResult, _ progress: any ProgressSink,
        stillThere: (Value) async throws -> String? = { _ in nil }, body: () async throws -> StageOutput<Value>
    ) async throws -> Value {
        try Task.checkCancellation()
        let (summary, value) = try await cache.run(stage, inputs: inputs, stillThere: stillThere) { reason in
            progress.report(.began(what: "\(stage.rawValue) (\(reason))"))
            return try await body()
        }
        if summary.cached { progress.report(.began(what: "\(stage.rawValue): cached, \(summary.reason)")) }
        result.stages.append(summary)
        result.verdict = max(result.verdict, summary.verdict)
        return value
    }

    private func goesOn(after stage: Stage, _ result: RunResult) -> Bool {
        result.failure == nil && request.stopAfter != stage
    }

    private func fail(_ stage: Stage, _ message: String, _ lines: [String], _ result: inout RunResult) {
        result.failure = RunFailure(stage: stage, message: message, lines: lines)
        result.verdict = .fail
    }
}

extension Run {
    /// The compiler; one that this kernel does not build with is refused.
    private func compiler(_ progress: any ProgressSink) async throws -> String? {
        var choice = request.toolchain
        if let named = choice {
            choice = try await UnpackedToolchain.program(
                named, cache: request.work.appending("toolchain"), progress: progress)
        }
        return try await (request.profile.build.toolchain ?? CompilerRule()).compiler(
            choice: choice, named: choice == request.toolchain ? nil : request.toolchain, variables: request.variables)
    }

    /// What make is run with.
    private func environment(for source: ImportResult, compiler: String?) -> BuildEnvironment {
        let searchPath = request.variables["PATH"] ?? ""
        let isCached = Tools.find("ccache", in: searchPath) != nil
        var environment = BuildEnvironment(
            architecture: request.profile.architecture.rawValue,
            compiler: isCached ? "ccache \(compiler ?? "gcc")" : compiler, epoch: source.epoch,
            searchPath: searchPath, passed: request.variables)
        environment.hostCompiler = request.profile.build.toolchain?.hostCompiler
        return environment
    }

    private func add(_ toolchain: Toolchain, _ environment: BuildEnvironment, to inputs: inout StageInputs) {
        for (name, version) in toolchain.versions { inputs["tool \(name)"] = version }
        inputs["compiler"] = environment.compiler ?? "default"
        inputs["host compiler"] = environment.hostCompiler ?? "default"
        inputs["epoch"] = environment.variables["SOURCE_DATE_EPOCH"]
    }

    private func provenance(_ applied: ApplyResult) -> [String: String] {
        guard let names = request.profile.configuration.provenance else { return [:] }
        return [names.series: applied.seriesName, names.hash: applied.seriesSHA256]
    }
}
