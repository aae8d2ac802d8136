import ArgumentParser
import Kconfig
import Report
import SystemPackage

/// `dom0kit config explain SYMBOL`
struct ConfigExplainCommand: ResultCommand {
    typealias Result = ConfigExplainReport

    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain why a symbol has its value, and what has to be set to change it.")

    @Argument(help: "The symbol, with or without CONFIG_.")
    var symbol: String

    @Option(help: ArgumentHelp("The kernel's source tree.", valueName: "dir"), transform: path)
    var tree: FilePath

    @Option(help: ArgumentHelp("The .config.", valueName: "file"), transform: path)
    var config: FilePath

    @Option(
        help: "The value wanted: \(words(Wanted.allCases)) (default: y).", completion: .choices(Wanted.allCases),
        transform: choice)
    var want = Wanted.y

    @OptionGroup var treeOptions: TreeOptions
    @OptionGroup var global: GlobalOptions

    /// A value to ask for.
    enum Wanted: String, CaseIterable {
        case y, m, n

        /// As a configuration has it.
        var value: ConfigValue {
            switch self {
            case .y: .yes
            case .m: .module
            case .n: .no
            }
        }
    }

    func run() async throws {
        let configuration = try KernelConfiguration(path: config)
        let kconfig = try KconfigTree.load(
            Environment.absolute(tree), architecture: try treeOptions.arch(of: configuration))
        let name = symbol.hasPrefix("CONFIG_") ? String(symbol.dropFirst("CONFIG_".count)) : symbol
        let explanation = kconfig.explain(name, in: configuration, wanted: want.value)
        try global.show(ConfigExplainReport(explanation: explanation, complaints: kconfig.complaints))
    }
}
