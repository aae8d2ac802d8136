import ArgumentParser
import Diagnostics
import KernelTree
import Patching
import Report
import SystemPackage

/// `dom0kit verify`
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Tell whether series of patches fit trees, and why not; nothing is changed.",
        discussion: """
            With --like all every consumer's rules are tried, and it is told where they come to another result. \
            Exit codes: 0 all fit; 10 some do not apply; 11 all apply, but not strictly clean (--strict).
            """)

    @Option(
        help: ArgumentHelp(
            """
            A tree: a folder, a tar archive, a linux-source package (.deb), a source package (.dsc, .src.rpm), or \
            git:REPOSITORY@REVISION. May be given several times.
            """, valueName: "tree"))
    var tree: [String] = []

    @OptionGroup var series: SeriesOptions
    @OptionGroup var placement: PlacementOptions

    @Option(
        help: ArgumentHelp(
            "Remember in this folder what was found, so that the next run only looks at what has changed since.",
            valueName: "dir"),
        transform: path)
    var cache: FilePath?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if tree.isEmpty { throw ValidationError("--tree is missing: name a folder, an archive or a git revision") }
    }

    func run() async throws {
        let began = ContentIdentity.Time.now
        Leftovers.expectCutFiles()
        var trees: [(name: String, source: any FetchedTree)] = []
        for name in tree {
            let location = try TreeSource.locate(name, resolve: Environment.absolute)
            trees.append((name, try await TreeSource.open(location, environment: Environment.toolVariables)))
        }
        let policies = placement.policies
        let options = ApplicationOptions(buildsChanges: false, digestsResult: policies.count > 1)
        let store = try cache.map {
            try VerificationStore(Environment.absolute($0), writer: Environment.build)
        }
        var cells: [VerifyReport.Cell] = []
        for name in series.series {
            let sources = try series.sources(name, mapped: true)
            var unreadable: [PatchError] = []
            for policy in policies {
                let memoryName =
                    "\(Environment.absolute(name)) \(policy.name) \(policy.fuzz)\(options.digestsResult ? " compared" : "")"
                let verifier: SeriesVerifier
                do {
                    verifier = try SeriesVerifier(
                        sources: sources, policy: policy, workers: global.jobCount, options: options,
                        memory: store?.memory(memoryName),
                        sharesWork: trees.count > 1 || !(trees[0].source is FolderTree))
                } catch let error as PatchError where policies.count > 1 {
                    // What one consumer cannot read others may.
                    unreadable.append(error)
                    let report = SeriesReport(unreadable: error, patches: sources.map(\.name))
                    cells += trees.map {
                        .init(tree: $0.name, series: name.string, policy: policy.name, report: report)
                    }
                    continue
                }
                for tree in trees {
                    try Task.checkCancellation()
                    let report = try await verifier.verify(fetching: tree.source)
                    cells.append(.init(tree: tree.name, series: name.string, policy: policy.name, report: report))
                }
                Leftovers.keep(verifier, cells)
                if let store, let memory = verifier.memory(asOf: began) {
                    do {
                        try store.keep(memory, as: memoryName)
                    } catch { global.progress().report(.warning("the cache is not kept: \(error.message)")) }
                }
            }
            if unreadable.count == policies.count, let error = unreadable.first { throw error }
        }
        try global.show(VerifyReport(cells, policies: policies, strict: placement.strict))
        let worst = cells.map { placement.status($0.report) }
        try global.finish(
            worst.contains(.seriesFails) ? .seriesFails : worst.contains(.outsidePolicy) ? .outsidePolicy : .success)
    }
}
