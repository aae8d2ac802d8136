import Bytes
public import Diagnostics
public import Host
import Synchronization
public import SystemPackage

/// A kernel to build.
public struct BuildRequest: Sendable {
    /// The source tree; never written to.
    public var tree: FilePath
    /// The output folder (`O=`), with the `.config` in it; what is there from an earlier build is built upon.
    public var output: FilePath
    /// What is asked of make, such as `bzImage`.
    public var targets: [String]
    /// The image below the output folder, such as `arch/x86/boot/bzImage`.
    public var image: FilePath
    /// How many jobs make runs at once.
    public var jobs: Int
    /// The environment.
    public var environment: BuildEnvironment
    /// Where make's whole output goes.
    public var log: FilePath

    /// Describes a build.
    public init(
        tree: FilePath, output: FilePath, targets: [String], image: FilePath, jobs: Int, environment: BuildEnvironment,
        log: FilePath
    ) {
        self.tree = tree
        self.output = output
        self.targets = targets
        self.image = image
        self.jobs = jobs
        self.environment = environment
        self.log = log
    }

    /// The command that is run.
    public var command: Command {
        Command(
            "make", environment.makeArguments(tree: tree, output: output) + ["-j\(jobs)"] + targets,
            environment: environment.variables, package: "make")
    }
}

/// What a build came to.
public enum BuildOutcome: Sendable {
    /// The image is there.
    case built(BuiltKernel)
    /// The kernel does not build.
    case failed(BuildFailure)
}

/// A kernel that was built.
public struct BuiltKernel: Sendable, Codable, Equatable {
    /// The image.
    public let image: String
    /// The SHA-256 of the image.
    public let imageSHA256: String
    /// As `make kernelrelease` says it, such as `6.1.192`.
    public let release: String
    /// How many steps (compilations, archives, links) make ran.
    public let steps: Int
}

/// Runs Kbuild.
public enum KernelBuilder {
    /// Builds the kernel.
    /// - Returns: The image's facts, or what stopped the build: a failing build is not thrown.
    /// - Throws: ``HostError`` where make cannot run or was interrupted, `BytesError` where the image cannot be read,
    ///   ``BuildError`` where make says yes without an image, or the machine failed rather than the kernel.
    public static func build(_ request: BuildRequest, progress: any ProgressSink) async throws -> BuildOutcome {
        let steps = Mutex(0)
        let watch = Mutex(ErrorWatch())
        let termination = try await request.command.stream(log: request.log) { line in
            watch.withLock { $0.take(line) }
            guard let step = KbuildStep(line: line) else { return }
            let done = steps.withLock { count -> Int in
                count += 1
                return count
            }
            progress.report(.advanced(done: done, total: nil, item: "\(step.action) \(step.target)"))
        }
        guard termination.succeeded else {
            if let (trouble, line) = watch.withLock({ $0.machineTrouble }) {
                throw BuildError.machine(trouble, line: line, log: request.log)
            }
            return .failed(
                watch.withLock {
                    $0.failure(command: request.command.shellLine, termination: termination, log: request.log)
                })
        }
        let image = request.output.pushing(request.image)
        guard Files.isRegular(image) else { throw BuildError.noImage(image, log: request.log) }
        return .built(
            BuiltKernel(
                image: image.string, imageSHA256: try Digest(ofFile: image).hex,
                release: try release(of: request), steps: steps.withLock { $0 }))
    }

    /// The kernel release as the build folder knows it.
    private static func release(of request: BuildRequest) throws -> String {
        let file = request.output.appending("include").appending("config").appending("kernel.release")
        return String(decoding: try Files.read(file), as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
    }
}
