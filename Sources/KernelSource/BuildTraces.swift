import Bytes
public import SystemPackage

/// What a build leaves behind in a source tree, so that Kbuild refuses another output folder, or runs programs that were
/// built elsewhere.
public enum BuildTraces {
    private static let all = [".config", "include/config", "vmlinux", "scripts/basic/fixdep", "scripts/kconfig/conf"]

    /// The traces in a tree, relative to its top; none where it was not built in.
    public static func of(_ tree: FilePath) -> [String] {
        all.filter { Files.exists(tree.pushing(FilePath($0))) }
    }

    /// What to say of a tree that was built in; `nil` for one that was not.
    public static func warning(of tree: FilePath) -> String? {
        let traces = of(tree)
        return traces.isEmpty
            ? nil
            : "the tree was built in (\(traces.joined(separator: ", "))): an out-of-tree build needs 'make mrproper' first"
    }
}
