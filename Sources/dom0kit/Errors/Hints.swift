import Debian
import Diagnostics
import Host
import Hypervisor
import Kconfig
import KernelBuild
import KernelTree
import Pipeline
import Porting
import Series

/// Which option or command of dom0kit helps with an error: the libraries know neither.
enum Hints {
    /// The hint for an error, a line of its own below the remedy; `nil` where no option or command helps.
    static func hint(for error: any DiagnosedError) -> String? {
        switch error {
        case let error as SeriesError: hint(error)
        case let error as KernelTreeError: hint(error)
        case let error as PackagesError: hint(error)
        case let error as HostError: hint(error)
        case let error as PortingError: hint(error)
        case FolderTreeError.interrupted(let folder): "use 'dom0kit apply --tree \(folder)'"
        case HypervisorError.noImage: "use --kernel IMAGE-PACKAGE --modules MODULES-PACKAGE"
        case HypervisorError.acceleration: "use --accelerator tcg, or auto"
        case PipelineError.notBuilt(let profile, _): "'dom0kit run \(profile)' builds it"
        case PipelineError.noSource: "name it with --source PATH"
        case BuildError.compilerRefused, BuildError.noCompiler: "choose one with --toolchain"
        case BuildError.machine: "use --jobs to run fewer jobs at once"
        case KconfigError.versionUnknown: "use --tree or --kernel-version"
        case KconfigError.architectureDoubtful: "'dom0kit config merge' settles one"
        case KconfigError.architectureUnknown, KconfigError.otherArchitecture: "use --requirements FILE"
        default: nil
        }
    }

    private static func hint(_ error: SeriesError) -> String? {
        switch error {
        case .unknown: "use --dialect to say which dialect it is"
        case .empty: "'dom0kit series list' shows why; --allow-empty accepts it"
        case .missingPatch: "'dom0kit series lint' lists everything that is missing"
        case .noPatch: "see 'dom0kit source import --patched'"
        case .notRewritable: "see 'dom0kit series convert'"
        default: nil
        }
    }

    private static func hint(_ error: KernelTreeError) -> String? {
        switch error {
        case .baseNeeded, .wrongBase: "use --base SOURCE"
        case .missingSource: "or name it with --base"
        case .packed: "see 'dom0kit source import'"
        default: nil
        }
    }

    private static func hint(_ error: PackagesError) -> String? {
        switch error {
        case .lacksFile, .unknownVersion:
            "write the version behind the package's name (debian:SUITE/PACKAGE=VERSION), or name a source with --source PATH"
        case .noMirror, .noSuite: "name a source that you already have with --source PATH"
        default: nil
        }
    }

    private static func hint(_ error: HostError) -> String? {
        switch error {
        case .toolMissing: "'dom0kit doctor' lists everything that is needed"
        case .locked, .cannotLock: "use --work to name another one"
        default: nil
        }
    }

    private static func hint(_ error: PortingError) -> String? {
        switch error {
        case .notWritable: "see 'dom0kit source import' and --dry-run"
        case .quiltStateWithoutFolder: "see 'dom0kit source import'"
        case .quiltStateOfSeveral: "use one --series for each call"
        case .quiltCannotRead: "see 'dom0kit series convert --to quilt'"
        case .damagedState, .inputsChanged: "use --resolutions with that folder"
        case .nothingToContinue: "name with --into the folder that 'dom0kit rebase' has made"
        case .nameTaken, .listedTwice, .shallow, .busy, .edited, .inTheWay, .notInSeries,
            .notInConflict,
            .notAnAncestor:
            nil
        }
    }
}
