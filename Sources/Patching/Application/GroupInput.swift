/// A file of the tree as a group of file patches has found it.
struct GroupInput: Sendable {
    let path: RelativePath
    /// What was there; `nil` for nothing.
    let kind: TreeFileKind?
    let permissions: UInt16
    let identity: ContentIdentity?

    init(path: RelativePath, kind: TreeFileKind?, permissions: UInt16, identity: ContentIdentity?) {
        self.path = path
        self.kind = kind
        self.permissions = permissions
        self.identity = identity
    }

    init(_ path: RelativePath, _ file: TreeFile?, in tree: any TreeReading) throws {
        self.init(
            path: path, kind: file?.kind, permissions: file?.permissions ?? 0,
            identity: try file == nil ? tree.identity(of: path) : file?.identity)
    }

    /// Whether another tree has the same at the path.
    /// - Parameter first: The tree it was found in, if it is still there to be compared with.
    func isSame(in tree: any TreeReading, as first: (any TreeReading)?) throws -> Bool {
        let other = try tree.identity(of: path)
        if let identity, let other {
            if identity == other { return true }
            if identity.isExhaustive && other.isExhaustive { return false }
        }
        guard let kind else { return try tree.read(path) == nil }
        guard let first, let file = try tree.read(path), file.kind == kind, file.permissions == permissions else {
            return false
        }
        guard kind == .regular || kind == .symbolicLink else { return true }
        // It is held against what the first tree had then: what changed there meanwhile does not count.
        guard let before = try first.read(path), before.identity == identity else { return false }
        return before.kind == kind && before.permissions == permissions && before.content.hasSameBytes(as: file.content)
    }

    /// Whether the tree still has what was found, as far as names can tell: where there are none, it has not.
    func isUnchanged(in tree: any TreeReading) throws -> Bool {
        // Some trees have names for what is not there, too.
        if let identity { return try tree.identity(of: path) == identity }
        if kind == .regular || kind == .symbolicLink { return false }
        guard let kind else { return try tree.identity(of: path) == nil && tree.read(path) == nil }
        guard let file = try tree.read(path) else { return false }
        return file.kind == kind && file.permissions == permissions
    }
}
