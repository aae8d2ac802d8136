import Bytes
import Diagnostics
public import KernelBuild
import SystemPackage

/// The kernel of a run, or why there is none.
public struct BuildResult: Sendable, Codable, Equatable {
    /// The kernel, if it was built.
    public let kernel: BuiltKernel?
    /// What stopped the build, if it did not.
    public let failure: BuildFailure?
    /// The programs that built it.
    public let toolchain: [String: String]
    /// The command that was run.
    public let command: String
}

/// Builds the image out of tree.
struct BuildStage {
    let profile: Profile
    let tree: FilePath
    let work: FilePath
    let jobs: Int
    let environment: BuildEnvironment
    let toolchain: Toolchain
    /// The hash of everything the build depends on; a build folder that was begun for it is built upon.
    let key: String

    /// Where the image is kept, relative to the work folder.
    static let image = FilePath("image/kernel")
    /// Where make's output is kept, relative to the work folder.
    static let log = FilePath("logs/build.log")

    func run(progress: any ProgressSink) async throws -> StageOutput<BuildResult> {
        let output = work.appending("build")
        for folder in ["image", "logs"] { try Files.createDirectories(work.appending(folder)) }
        try prepare(output)
        let request = BuildRequest(
            tree: tree, output: output, targets: profile.build.targets, image: FilePath(profile.build.image),
            jobs: jobs, environment: environment, log: work.pushing(Self.log))
        let outcome = try await KernelBuilder.build(request, progress: progress)
        switch outcome {
        case .built(let kernel):
            try Files.write(try Files.read(FilePath(kernel.image)), to: work.pushing(Self.image))
            return StageOutput(
                value: BuildResult(
                    kernel: kernel, failure: nil, toolchain: toolchain.versions, command: request.command.shellLine),
                verdict: .pass, summary: "\(kernel.release), \(kernel.steps) steps", artefacts: [Self.image, Self.log])
        case .failed(let failure):
            return StageOutput(
                value: BuildResult(
                    kernel: nil, failure: failure, toolchain: toolchain.versions, command: request.command.shellLine),
                verdict: .fail, summary: failure.message, artefacts: [Self.log])
        }
    }

    /// Leaves a folder that an interrupted build of the same inputs began as it is, with the proven `.config` in it.
    private func prepare(_ output: FilePath) throws {
        let mark = output.appending(".dom0kit-build")
        let begun = Files.exists(mark) ? String(decoding: try Files.read(mark), as: UTF8.self) : nil
        if let begun, begun != key { try Files.remove(output) }
        try Files.createDirectories(output)
        let wanted = try Files.read(work.pushing(ConfigureStage.configuration))
        let config = output.appending(".config")
        let present = Files.exists(config) ? try Files.read(config) : nil
        if present != wanted { try Files.write(wanted, to: config) }
        try Files.write(key, to: mark)
    }
}
