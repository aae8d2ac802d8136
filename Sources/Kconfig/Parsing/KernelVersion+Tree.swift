import Bytes
public import KernelModel
public import SystemPackage

extension KernelVersion {
    /// The version that a source tree's top `Makefile` says, without `EXTRAVERSION`.
    /// - Throws: ``KconfigError/notAKernelTree(_:)``.
    public init(ofTree tree: FilePath) throws(KconfigError) {
        guard let makefile = try? Files.read(tree.appending("Makefile")),
            let version = KernelVersion(makefile: makefile)
        else { throw .notAKernelTree(tree) }
        self = version.release
    }

    /// Reads a version that a person has given.
    /// - Throws: ``KconfigError/malformedVersion(_:)``.
    public init(parsing text: String) throws(KconfigError) {
        guard let version = KernelVersion(text) else { throw .malformedVersion(text) }
        self = version
    }
}
