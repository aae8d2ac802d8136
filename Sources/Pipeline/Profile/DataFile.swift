public import SystemPackage

/// A file or folder that a profile names: relative to the kit's data folder, or absolute.
public struct DataFile: Sendable, Equatable, Encodable, CustomStringConvertible {
    /// The name as written; all that results show.
    public let name: String
    /// Where it is.
    public let path: FilePath

    /// A file of a data folder.
    public init(_ name: String, in data: FilePath) {
        self.name = name
        path = name.hasPrefix("/") ? FilePath(name) : data.pushing(FilePath(name))
    }

    /// A file given by its own path.
    public init(_ path: FilePath) {
        name = path.string
        self.path = path
    }

    /// The name as written.
    public var description: String { name }

    /// Encodes the name as written.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}
