/// Where the files of a tree come from: a folder, an archive, a git revision, a dictionary in a test.
public protocol TreeReading: Sendable {
    /// The file at a path, or `nil` where nothing is. Called from several threads at once.
    /// - Throws: An error that names the file where it cannot be read.
    func read(_ path: RelativePath) throws -> TreeFile?
    /// A name for the file's content and mode: equal names mean equal files, in this tree and in others of its kind.
    /// `nil` where there is no such name without reading the file.
    func identity(of path: RelativePath) throws -> ContentIdentity?
    /// Files that may hold what was expected at a path, likely ones first: its neighbours, those of its name, those
    /// around it. For explanations only; may be slow, and may say nothing.
    func relatives(of path: RelativePath) -> [RelativePath]
}

extension TreeReading {
    /// Without a name, files are compared by their content.
    public func identity(of path: RelativePath) throws -> ContentIdentity? { nil }

    /// Without a list of files there are no relatives.
    public func relatives(of path: RelativePath) -> [RelativePath] { [] }
}

extension RelativePath {
    /// The relatives of a path among others, likely ones first: of its folder, of its name, of the folders around it
    /// with its suffix.
    public func relatives(among paths: [RelativePath], limit: Int = 2000) -> [RelativePath] {
        let own = name
        let suffix = own.lastIndex(of: UInt8(ascii: ".")).map { Array(own[$0...]) } ?? own
        let around = parent?.parent.map { $0.bytes + [UInt8(ascii: "/")] }
        var ranked: [[RelativePath]] = [[], [], []]
        for path in paths where path != self {
            if path.parent == parent {
                ranked[0].append(path)
            } else if path.name == own {
                ranked[1].append(path)
            } else if let around, path.bytes.starts(with: around), path.bytes.reversed().starts(with: suffix.reversed())
            {
                ranked[2].append(path)
            }
        }
        return Array(ranked.flatMap { $0.sorted() }.prefix(limit))
    }
}
