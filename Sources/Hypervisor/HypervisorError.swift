public import Diagnostics
public import SystemPackage
public import Yaml

/// Why a test hypervisor could not be prepared or a boot not be attempted.
///
/// A kernel that was tried and did not boot is not an error but a ``BootVerdict``.
public enum HypervisorError: DiagnosedError {
    /// The description of the test hypervisor is not well formed.
    case malformedDescription(YamlFault)
    /// There is no test hypervisor of that name.
    case unknown(name: String, known: [String])
    /// The packages do not hold a file that the description names.
    case notInPackages(file: String, hypervisor: String)
    /// A program or library of the packages is not an ELF file for x86-64.
    case notExecutable(file: String, reason: String)
    /// The unpacked hypervisor image is not what QEMU can start.
    case notBootable(file: String, reason: String)
    /// The kernel image is not there or empty.
    case noKernel(path: FilePath, reason: String)
    /// The package given as a kernel has no image; what it depends on of a kernel.
    case noImage(package: FilePath, dependsOn: [String])
    /// The hypervisor's image of one's own is not there.
    case noHypervisor(path: FilePath, reason: String)
    /// The accelerator that was asked for cannot run the machine.
    case acceleration(reason: String)
    /// The folder given for kernel modules does not fit.
    case modules(folder: FilePath, reason: String)
    /// The file to compare with is no result of a boot.
    case baseline(path: FilePath, reason: String)
    /// The file is no `System.map` or `vmlinux`.
    case systemMap(path: FilePath, reason: String)
    /// The request contradicts itself or the hypervisor.
    case request(reason: String)
    /// The small userland does not build: what the compiler said.
    case userland(lines: [String])
    /// The packages could not be fetched.
    case packages(hypervisor: String, reason: String)

    /// Whose move it is.
    public var category: ErrorCategory {
        switch self {
        case .malformedDescription: .malformedInput
        case .notInPackages, .notExecutable, .notBootable, .baseline, .systemMap: .malformedInput
        case .noKernel, .noImage, .noHypervisor: .missingInput
        case .modules: .missingInput
        case .request, .unknown: .usage
        case .packages, .acceleration, .userland: .infrastructure
        }
    }

    /// What happened.
    public var message: String {
        switch self {
        case .malformedDescription(let fault): fault.message
        case .unknown(let name, _): "there is no test hypervisor '\(name)'"
        case .notInPackages(let file, let hypervisor): "the packages of \(hypervisor) do not contain \(file)"
        case .notExecutable(let file, let reason): "\(file) is not an x86-64 ELF file: \(reason)"
        case .notBootable(let file, let reason): "\(file) cannot be started by QEMU: \(reason)"
        case .noKernel(let path, let reason): "cannot boot \(path): \(reason)"
        case .noImage(let path, let others):
            others.isEmpty
                ? "cannot boot \(path): the package has no kernel image"
                : "cannot boot \(path): the package has no kernel image; it depends on \(others.joined(separator: ", "))"
        case .noHypervisor(let path, let reason): "cannot take \(path) as the hypervisor: \(reason)"
        case .acceleration(let reason): "KVM cannot run this machine: \(reason)"
        case .modules(let folder, let reason): "the kernel modules in \(folder) cannot be used: \(reason)"
        case .baseline(let path, let reason): "cannot compare with \(path): \(reason)"
        case .systemMap(let path, let reason): "\(path) is no System.map or vmlinux: \(reason)"
        case .request(let reason): reason
        case .userland(let lines):
            (["the small userland does not build:"] + lines.suffix(8)).joined(separator: "\n  ")
        case .packages(let hypervisor, let reason): "cannot get the packages of \(hypervisor): \(reason)"
        }
    }

    /// What to do.
    public var remedy: String? {
        switch self {
        case .malformedDescription(let fault): fault.remedy ?? "compare it with the other files in Profiles/hypervisors"
        case .unknown(let name, let known):
            Suggestions.question(Suggestions.near(name, among: known)).map {
                "\($0) There are: \(known.joined(separator: ", "))"
            }
                ?? "there are: \(known.joined(separator: ", "))"
        case .notInPackages: "correct the paths or packages in its file in Profiles/hypervisors"
        case .notExecutable, .notBootable:
            "remove the cache folder and run it again; if that does not help, correct its file in Profiles/hypervisors"
        case .noKernel: "give the image of a built kernel, such as arch/x86/boot/bzImage or /boot/vmlinuz-VERSION"
        case .noImage(_, let others):
            others.isEmpty
                ? "give the package that has boot/vmlinuz-VERSION"
                : "give the one of them that has the image, and the one that has the modules as the modules"
        case .noHypervisor:
            "give the image of a built Xen, such as xen/xen.gz, or the folder that 'make install DESTDIR=' has filled"
        case .acceleration: nil
        case .modules: "give the folder that holds lib/modules/VERSION, or lib/modules/VERSION itself"
        case .request, .baseline, .systemMap, .userland: nil
        case .packages: "check the network and the machine's apt configuration, then run it again"
        }
    }
}
