public import SystemPackage

/// What a `.config` begins with.
public enum BaseConfiguration: Sendable, Equatable, Encodable, CustomStringConvertible {
    /// A make target of the tree, such as `tinyconfig`.
    case target(String)
    /// A file of the kit.
    case file(DataFile)
    /// A file of the tree, relative to its top; written as `tree:PATH`.
    case tree(FilePath)

    /// As a profile writes it.
    public var description: String {
        switch self {
        case .target(let name): name
        case .file(let file): file.name
        case .tree(let path): "tree:\(path)"
        }
    }

    /// Encodes it as a profile writes it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
