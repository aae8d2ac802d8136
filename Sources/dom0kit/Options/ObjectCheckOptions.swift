import ArgumentParser
import Diagnostics
import KernelBuild
import KernelModel
import Pipeline
import Porting
import SystemPackage

/// What a moved series does to the objects of the files it touches.
struct ObjectCheckOptions: ParsableArguments {
    @Flag(
        name: .customLong("check-build"),
        help: """
            Compile the objects of the files that the series touches, in the old tree with the old series and in the new tree \
            with the new one, and compare what the compiler says.
            """)
    var isWanted = false

    @Option(
        help: ArgumentHelp(
            "The .config for --check-build; each tree's own defconfig without it.", valueName: "file"), transform: path)
    var config: FilePath?

    @Option(
        help: ArgumentHelp("The compiler (CC) for --check-build, such as gcc-12.", valueName: "command"))
    var compiler: String?

    /// Makes sure, before a series is moved, that there is something to compile.
    func require(_ request: RebaseRequest) throws {
        guard isWanted else { return }
        try ObjectCheckRequest.require(
            [request.from, request.to], configuration: config.map(Environment.absolute))
    }

    /// Compiles and compares, where that is asked for and a series was moved.
    func check(
        _ outcome: RebaseRequest.Outcome, of request: RebaseRequest, jobs: Int, progress: any ProgressSink
    ) async throws -> ObjectComparison? {
        guard isWanted, outcome.unfit == nil else { return nil }
        var subjects: [ObjectComparison.Subject] = []
        for patch in outcome.patches where patch.blob != nil {
            for file in patch.files {
                let subject = ObjectComparison.Subject(
                    old: file.path.string, new: (file.target ?? file.path).string)
                if !subjects.contains(subject) { subjects.append(subject) }
            }
        }
        var exact = request.policy
        exact.fuzz = 0
        let beside = request.into ?? FilePath(Environment.toolVariables["TMPDIR"] ?? "/tmp").appending("dom0kit-rebase")
        var check = ObjectCheckRequest(
            old: .init(tree: request.from, patches: outcome.old, policy: request.policy),
            new: .init(tree: request.to, patches: outcome.new, policy: exact), subjects: subjects,
            folder: beside.removingLastComponent().appending(
                ".\(beside.lastComponent?.string ?? "series").objects-\(String(UInt32.random(in: 0 ... .max), radix: 36))"
            ),
            environment: Environment.toolVariables)
        check.configuration = config.map(Environment.absolute)
        check.compiler = compiler
        check.jobs = jobs
        return try await check.perform(progress: progress)
    }
}
