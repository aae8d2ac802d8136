/// A patch that `%prep` applies.
package struct PatchApplication: Equatable {
    /// The number of its `Patch` tag.
    package var number: Int?
    /// The name of its file.
    package var file: String
    /// Its text, where the spec itself holds it.
    package var text: String?
    /// How many leading parts of its paths are dropped (`-p`).
    package var strip = 1
    /// Whether it is taken back (`-R`).
    package var reverse = false
    /// The fuzz that its line gives.
    package var fuzz: Int?
    /// Whether git applies it.
    package var isForGit = false
    /// The suffix of the copies it leaves (`-b`).
    package var backup: String?
    /// The folder it is applied in, below the build folder; `nil` where that is not known.
    package var folder: String?
    /// The line of the spec.
    package var line: Int
    /// Whether it is passed over if it has no more than nine lines (`ApplyOptionalPatch`).
    package var isOptional = false
    /// The condition in the shell text that cannot be told from the spec alone.
    package var uncertain: String?
    /// The `%if`s around it.
    package var condition: String?
}
