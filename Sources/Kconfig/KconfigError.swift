public import Bytes
public import Diagnostics
import Host
public import KernelModel
public import SystemPackage
public import Yaml

/// Why a configuration could not be read, made or judged. A configuration that gives no dom0 is not an error but a finding.
public enum KconfigError: UndecidedError {
    /// A line of a `.config` or fragment that conf would drop or read as something else.
    case malformedLine(ConfigOrigin, reason: String)
    /// A requirement file that does not follow its schema.
    case malformedRequirements(YamlFault)
    /// No requirement of a set is about this kernel, so that nothing could be proven with it.
    case noRequirements(title: String, version: KernelVersion)
    /// There are requirements for none of what runs Xen on this architecture.
    case architectureUnknown(KernelArchitecture, known: [KernelArchitecture], at: ConfigOrigin?)
    /// A configuration of which it cannot be told which architecture it is for.
    case architectureDoubtful(ArchitectureDoubt)
    /// A requirement set that is about another architecture than the configuration.
    case otherArchitecture(FilePath, KernelArchitecture, requirements: KernelArchitecture)
    /// Nothing says which kernel a configuration is of.
    case versionUnknown(FilePath)
    /// A version that does not begin with two numbers.
    case malformedVersion(String)
    /// A Kconfig file that cannot be read as one.
    case malformedKconfig(ConfigOrigin, reason: String)
    /// The folder has no kernel source.
    case notAKernelTree(FilePath)
    /// The source tree was built in, so that Kbuild refuses another output folder.
    case treeNotClean(FilePath)
    /// Make was asked for something that makes no configuration.
    case unknownTarget(String, tree: FilePath)
    /// Make or conf ended with an error.
    case resolverFailed(command: String, lines: [String], log: FilePath)
    /// A tool that the tree's own Kconfig needs is not there.
    case toolMissing(name: String, package: String)
    /// A file could not be read or written.
    case file(BytesError)

    /// Whose move it is.
    public var category: ErrorCategory {
        switch self {
        case .malformedLine, .malformedRequirements, .malformedKconfig, .resolverFailed: .malformedInput
        case .malformedVersion, .unknownTarget, .noRequirements, .versionUnknown, .otherArchitecture: .usage
        case .architectureUnknown, .architectureDoubtful: .undecided
        case .notAKernelTree: .missingInput
        case .treeNotClean: .cannotCreate
        case .toolMissing: .missingTool
        case .file(let error): error.category
        }
    }

    /// What happened.
    public var message: String {
        switch self {
        case .malformedLine(let origin, let reason): return "\(origin): \(reason)"
        case .malformedRequirements(let fault): return fault.message
        case .noRequirements(let title, let version):
            return "the requirements '\(title)' have none for Linux \(version), so nothing can be proven"
        case .architectureDoubtful(let doubt): return "\(doubt.origin): \(doubt.reason)"
        case .architectureUnknown(let architecture, let known, let origin):
            return (origin.map { "\($0): " } ?? "") + "there are no dom0 requirements for \(architecture.rawValue)"
                + (known.isEmpty ? "" : "; there are some for \(known.map(\.rawValue).joined(separator: ", "))")
        case .otherArchitecture(let path, let architecture, let other):
            return
                "\(path) is a configuration for \(architecture.rawValue), but the requirements are for \(other.rawValue)"
        case .versionUnknown(let path): return "\(path) does not say which kernel version it is for"
        case .malformedVersion(let text): return "'\(text)' is not a kernel version"
        case .malformedKconfig(let origin, let reason): return "\(origin): \(reason)"
        case .notAKernelTree(let path): return "\(path) is not a kernel source tree: it has no Makefile and no Kconfig"
        case .treeNotClean(let path):
            return "the source tree \(path) has been built in, so Kbuild refuses a separate output folder"
        case .unknownTarget(let name, let tree): return "'\(name)' does not make a configuration in \(tree)"
        case .resolverFailed(let command, let lines, _):
            return "'\(command)' failed"
                + (lines.isEmpty ? "" : ":\n" + lines.map { "  " + $0 }.joined(separator: "\n"))
        case .toolMissing(let name, _): return "the kernel's Kconfig needs '\(name)', which is not on this machine"
        case .file(let error): return error.message
        }
    }

    /// The line that leaves the architecture open.
    public var gaps: [Gap] {
        switch self {
        case .architectureDoubtful(let doubt): [doubt.origin.gap(doubt.reason)]
        case .architectureUnknown(let architecture, _, .some(let origin)):
            [origin.gap("there are no dom0 requirements for \(architecture.rawValue)")]
        default: []
        }
    }

    /// What to do.
    public var remedy: String? {
        switch self {
        case .malformedLine: "a line is CONFIG_NAME=value, '# CONFIG_NAME is not set', a comment or empty"
        case .noRequirements:
            "use the requirements for that version, such as Profiles/requirements/dom0-forward-port.yaml"
        case .architectureUnknown, .otherArchitecture: "name a file of requirements for it"
        case .architectureDoubtful:
            "settle the configuration with the tree it is for ('make olddefconfig'), or correct the line"
        case .versionUnknown: "name the kernel's source tree or its version"
        case .malformedVersion: "a version looks like 6.1 or 6.1.192"
        case .treeNotClean(let path): "run 'make -C \(Shell.quoted(path.string)) mrproper', or use a clean copy"
        case .unknownTarget: "give a *config target, a *.config fragment of the tree, or a file"
        case .resolverFailed(_, _, let log): "the full output is in \(log)"
        case .toolMissing(_, let package): "install it: apt-get install \(package)"
        case .file(let error): error.remedy
        case .malformedRequirements(let fault): fault.remedy
        case .malformedKconfig, .notAKernelTree: nil
        }
    }
}

extension ConfigOrigin {
    fileprivate func gap(_ text: String) -> Gap { Gap(file: file.string, line: line, text: text) }
}
