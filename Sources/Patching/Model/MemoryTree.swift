/// A tree in memory.
public struct MemoryTree: TreeReading {
    /// The files.
    public var files: [RelativePath: TreeFile]

    /// A tree of these files.
    public init(_ files: [RelativePath: TreeFile] = [:]) { self.files = files }

    /// The other files, as far as they are near.
    public func relatives(of path: RelativePath) -> [RelativePath] { path.relatives(among: Array(files.keys)) }

    /// The file at a path; folders are known by the files below them.
    public func read(_ path: RelativePath) -> TreeFile? {
        if let file = files[path] { return file }
        let prefix = path.bytes + [UInt8(ascii: "/")]
        let isFolder = files.keys.contains { $0.bytes.starts(with: prefix) }
        return isFolder ? TreeFile(kind: .directory, permissions: 0o755, content: .empty) : nil
    }
}
