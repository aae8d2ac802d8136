/// What a spec lists.
package struct SpecLists {
    /// The `Name` tag.
    package var name = ""
    /// The `Version` tag.
    package var version = ""
    /// The line of `%prep`.
    package var line = 1
    /// Patches by number.
    package var patches: [Int: (file: String, line: Int)] = [:]
    /// The numbers in the order of the spec.
    package var order: [Int] = []
    /// Sources by number.
    package var sources: [Int: String] = [:]
    /// The fuzz that the spec sets for `%patch` (`_default_patch_fuzz`).
    package var fuzz: Int?

    /// The number of a patch by its file.
    func number(of file: String) -> Int? { patches.filter { $0.value.file == file }.keys.min() }

    /// The files of all sources and patches.
    var files: [String] { Array(Set(sources.values).union(patches.values.map(\.file))) }

    /// A macro of rpm's that the spec defines anew and that changes how `%patch` applies.
    var steering: String?

    /// How `%autopatch` applies (`__scm`).
    var applier = "patch"

    func isListed(_ file: String) -> Bool { number(of: file) != nil || sources.values.contains(file) }
}
