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

    @Option(help: ArgumentHelp("A tree: a folder. May be given several times.", valueName: "tree"), transform: path)
    var tree: [FilePath] = []

    @OptionGroup var series: SeriesOptions
    @OptionGroup var placement: PlacementOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if tree.isEmpty { throw ValidationError("--tree is missing: name a folder") }
    }

    func run() async throws {
        let trees = try tree.map { (name: $0.string, source: try FolderTree(Environment.absolute($0))) }
        let policies = placement.policies
        let options = ApplicationOptions(buildsChanges: false, digestsResult: policies.count > 1)
        var cells: [VerifyReport.Cell] = []
        for name in series.series {
            let patches = try series.load(name)
            for policy in policies {
                let verifier = try SeriesVerifier(
                    patches: patches, policy: policy, workers: global.jobCount, options: options)
                for tree in trees {
                    try Task.checkCancellation()
                    let report = try verifier.verify(tree.source)
                    cells.append(.init(tree: tree.name, series: name.string, policy: policy.name, report: report))
                }
            }
        }
        try global.show(VerifyReport(cells, policies: policies, strict: placement.strict))
        let worst = cells.map { placement.status($0.report) }
        try global.finish(
            worst.contains(.seriesFails) ? .seriesFails : worst.contains(.outsidePolicy) ? .outsidePolicy : .success)
    }
}
