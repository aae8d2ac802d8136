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
        discussion: "Exit codes: 0 all fit; 10 some do not apply; 11 all apply, but not strictly clean (--strict).")

    @Option(help: ArgumentHelp("A tree: a folder. May be given several times.", valueName: "tree"), transform: path)
    var tree: [FilePath] = []

    @OptionGroup var series: SeriesOptions
    @OptionGroup var placement: PlacementOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if tree.isEmpty { throw ValidationError("--tree is missing: name a folder") }
    }

    func run() async throws {
        var cells: [VerifyReport.Cell] = []
        let loaded = try series.series.map {
            (name: $0.string, patches: try series.load($0))
        }
        for tree in tree {
            let source = try FolderTree(Environment.absolute(tree))
            for (name, patches) in loaded {
                try Task.checkCancellation()
                let applied = try SeriesApplication.run(
                    patches: patches, on: source, policy: placement.policy, workers: global.jobCount)
                cells.append(.init(tree: tree.string, series: name, report: applied.report))
            }
        }
        try global.show(VerifyReport(cells, policy: placement.policy, strict: placement.strict))
        let worst = cells.map { placement.status($0.report) }
        try global.finish(
            worst.contains(.seriesFails) ? .seriesFails : worst.contains(.outsidePolicy) ? .outsidePolicy : .success)
    }
}
