import ArgumentParser
import KernelBuild
import KernelTree
import Patching
import Porting
import Report
import Series
import SystemPackage

/// `dom0kit rebase`
struct RebaseCommand: ResultCommand {
    typealias Result = RebaseReport

    static let configuration = CommandConfiguration(
        commandName: "rebase",
        abstract: "Move a series from the tree it was made for to another one, as far as that can be proven.",
        discussion: """
            What a patch does to the old tree and what upstream did to the same files are put together. A patch that \
            fits keeps its bytes; one whose hunks moved or were merged is written anew, applies exactly, and gives what the \
            merge gave; one that the new tree has already is left out, with a comment. Merges of neighbouring lines and of \
            words of a line are likely, not certain: they are named, and end with a warning unless --accept takes them. A \
            patch that cannot be moved is a comment in the new list, with what of it can be moved below; it lies in the folder \
            'conflicts' with its files in diff3 form and a page of what upstream did there; the others go on. With --twins what upstream changed in a native file \
            is done to its twin too, hunk by hunk, where the twin has the lines. Solve it there, then --continue: what was \
            solved is kept in the folder 'resolutions' and used again wherever the same lines are in conflict. \
            Exit codes: 0 moved; 10 conflicts, or the series does not apply to the old tree; \
            11 a merge is not certain, or there are new compiler warnings (--strict); 12 undecided: the series could not be read \
            in full, selects no patch, or nothing could be compiled; 30 the new tree has compiler errors that the old one does \
            not have (--check-build).
            """)

    /// What is done with a series that is being moved.
    enum Mode: String, EnumerableFlag {
        case goOn, skip, abort, status

        static func name(for value: Mode) -> NameSpecification {
            value == .goOn ? .customLong("continue") : .customLong(value.rawValue)
        }

        static func help(for value: Mode) -> ArgumentHelp? {
            switch value {
            case .goOn: "Take what was solved below --into, and move the series again."
            case .skip: "Leave a patch in conflict out: the first, or those of --patch."
            case .abort: "Remove what was written to --into."
            case .status: "Show what --continue would give."
            }
        }
    }

    @Option(
        help: ArgumentHelp(
            "The tree that the series applies to: anything that 'dom0kit verify' takes.", valueName: "tree"))
    var from: String?

    @Option(help: ArgumentHelp("The tree that it is to apply to.", valueName: "tree"))
    var to: String?

    @OptionGroup var series: SeriesOptions

    @Option(help: ArgumentHelp("The folder to create for the new series.", valueName: "dir"), transform: path)
    var into: FilePath?

    @Flag var mode: Mode?

    @Option(help: ArgumentHelp("A patch in conflict to leave out, with --skip. May be repeated.", valueName: "name"))
    var patch: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            Take merges that are likely, but not certain: 'derived' for all, or the name of a patch. May be repeated.
            """, valueName: "what"))
    var accept: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            A folder with resolutions from elsewhere: those that fit are used. What is solved here is kept in the first. May \
            be repeated.
            """, valueName: "dir"), transform: path)
    var resolutions: [FilePath] = []

    @Flag(
        help: """
            Carry what upstream changed in native files over to the twins that the series brings ('foo-xen.c'), as one \
            more patch at the end of the new series.
            """)
    var twins = false

    @Option(
        help: ArgumentHelp(
            "A file that names the native file of twins whose names do not tell it: lines 'TWIN NATIVE'.",
            valueName: "file"), transform: path)
    var map: FilePath?

    @Flag(help: "Write nothing; only report what would become of each patch.")
    var dryRun = false

    @OptionGroup var building: ObjectCheckOptions
    @OptionGroup var placement: PlacementOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if !building.isWanted, building.config != nil || building.compiler != nil {
            throw ValidationError("--config and --compiler say how --check-build compiles")
        }
        if !patch.isEmpty, mode != .skip { throw ValidationError("--patch says what --skip leaves out") }
        if mode != nil {
            if into == nil { throw ValidationError("name with --into the folder of the series that is being moved") }
            if from != nil || to != nil || !series.series.isEmpty || dryRun || twins || map != nil {
                throw ValidationError("the trees and the series are those that it was begun with: name only --into")
            }
            return
        }
        if map != nil, !twins { throw ValidationError("--map says which files are --twins") }
        if from == nil { throw ValidationError("--from is missing: name the tree that the series applies to") }
        if to == nil { throw ValidationError("--to is missing: name the tree that it is to apply to") }
        try series.require()
        if (into == nil) != dryRun {
            throw ValidationError("name the new folder with --into, or use --dry-run, not both")
        }
        if into != nil, series.series.contains("-") {
            throw ValidationError(
                "a series from standard input could not be gone on with after a conflict: write it to a file, or use --dry-run"
            )
        }
        if series.series.count > 1 { throw ValidationError("one series is moved at a time; use one --series") }
        if placement.like == .all {
            throw ValidationError("--like all is for 'verify'; a series is moved for one consumer")
        }
    }

    func run() async throws {
        let progress = global.progress()
        defer { progress.finish() }
        guard let mode, let into = into.map(Environment.absolute).map(Environment.resolved) else {
            let request = try request(into: into.map(Environment.absolute))
            try building.require(request)
            let outcome = try await request.perform(progress: progress)
            let objects = try await building.check(outcome, of: request, jobs: global.jobCount, progress: progress)
            progress.finish()
            return try show(outcome, objects)
        }
        if mode == .abort {
            let left = try RebaseContinuation.abort(into)
            return try global.show(RebaseAbortReport(folder: into, left: left), done: "what was written is removed")
        }
        let state = try RebaseState.read(into)
        // The command that began it, as if it were given again where it was given.
        let (outcome, objects) = try await Environment.$folderOfCommand.withValue(FilePath(state.folder)) {
            guard let begun = try? Self.parse(state.command) else {
                throw PortingError.damagedState(file: into.appending(".rebase.json"))
            }
            var request = try begun.request(into: into)
            // Those named now were said here.
            request.resolutions =
                resolutions.map {
                    Environment.$folderOfCommand.withValue(nil) { [path = $0] in Environment.absolute(path) }
                } + request.resolutions
            let step: RebaseContinuation.Step =
                switch mode {
                case .skip: .skip(patch)
                case .status: .look
                default: .proceed
                }
            let outcome = try await RebaseContinuation(request, in: into).perform(step, progress: progress)
            let building = building.isWanted ? building : begun.building
            let objects =
                mode == .status
                ? nil : try await building.check(outcome, of: request, jobs: global.jobCount, progress: progress)
            return (outcome, objects)
        }
        progress.finish()
        try show(outcome, objects)
    }

    /// What the options ask for.
    private func request(into: FilePath?) throws -> RebaseRequest {
        let stack = try series.stack(workers: global.jobCount)
        if !series.allowEmpty { try stack.requireSelection() }
        // Checked above.
        guard let one = stack.series.first, let from, let to else { throw ExitCode(64) }
        var request = RebaseRequest(
            from: try TreeSource.locate(from, resolve: Environment.absolute),
            to: try TreeSource.locate(to, resolve: Environment.absolute), series: one, into: into,
            policy: placement.policy)
        request.workers = global.jobCount
        request.environment = Environment.toolVariables
        request.resolutions = resolutions.map(Environment.absolute)
        if twins { request.twins = try map.map { try TwinNames(map: Environment.absolute($0)) } ?? TwinNames() }
        request.command = Array(Environment.commandLine.dropFirst(2))
        request.folder = Environment.workingDirectory.string
        return request
    }

    private func show(_ outcome: RebaseRequest.Outcome, _ objects: ObjectComparison?) throws {
        for name in accept where name != "derived" && !outcome.patches.contains(where: { $0.name == name }) {
            throw PortingError.notInSeries(patch: name)
        }
        let report = RebaseReport(
            outcome, accepted: Set(accept.filter { $0 != "derived" }), acceptsAll: accept.contains("derived"),
            objects: objects)
        let isWritten = outcome.list != nil && mode != .status
        try global.show(report, done: isWritten ? "the new series is written" : "nothing was written")
        try global.finish(report.status(strict: placement.strict))
    }
}
