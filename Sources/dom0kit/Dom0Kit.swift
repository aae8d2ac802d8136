import ArgumentParser

/// The command line.
@main
struct Dom0Kit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dom0kit", abstract: "Integrate Xen dom0 support into distribution kernels, and prove it.")
}
