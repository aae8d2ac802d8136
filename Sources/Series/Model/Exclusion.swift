/// Why a listed entry is not applied.
public enum Exclusion: Sendable, Hashable, CustomStringConvertible {
    /// Its SUSE guards do not let it in with the symbols that are defined.
    case guards([String])
    /// An architecture or featureset it is for was not asked for (Debian's kernel packages up to 2.6.32): the conditions
    /// as written, such as `arch=amd64`; none where any selection would do.
    case selection([String])
    /// A spec applies it under a condition that is not evaluated here.
    case condition(String)
    /// A spec applies it in another folder than that of the kernel, such as the hypervisor's own.
    case otherFolder(String)
    /// A spec takes it for empty, since it has no more than nine lines (`ApplyOptionalPatch`).
    case optionalTooShort

    /// What kind of exclusion it is, for results.
    public var kind: String {
        switch self {
        case .guards: "guards"
        case .selection: "selection"
        case .condition: "condition"
        case .otherFolder: "folder"
        case .optionalTooShort: "short"
        }
    }

    /// For display after "left out".
    public var description: String {
        switch self {
        case .guards(let guards): "by \(guards.joined(separator: " "))"
        case .selection(let conditions):
            conditions.isEmpty
                ? "as no architecture or featureset is asked for"
                : "as \(conditions.joined(separator: " ")) is not asked for"
        case .condition(let text): "since '\(text)' is not evaluated"
        case .otherFolder(let folder): "for the folder '\(folder)'"
        case .optionalTooShort: "as it has no more than 9 lines"
        }
    }
}
