/// What a file of a tree is.
public enum TreeFileKind: Sendable, Hashable {
    /// A regular file.
    case regular
    /// A symbolic link; its content is the target.
    case symbolicLink
    /// A folder.
    case directory
    /// A FIFO, a device or a socket.
    case special
    /// Something that is only reached through a symbolic link in the place of a folder.
    case behindLink
    /// Something below a file in the place of a folder.
    case belowFile
}

/// One file of a tree, as a patch sees it.
public struct TreeFile: Sendable {
    /// What it is.
    public var kind: TreeFileKind
    /// The permission bits (`0o644`).
    public var permissions: UInt16
    /// The content; a symbolic link's target; nothing for folders and special files.
    public var content: Blob
    /// A name for content and mode, taken before the content was read; see ``TreeReading/identity(of:)``.
    public var identity: ContentIdentity?

    /// Describes a file.
    public init(
        kind: TreeFileKind = .regular, permissions: UInt16 = 0o644, content: Blob, identity: ContentIdentity? = nil
    ) {
        self.kind = kind
        self.permissions = permissions
        self.content = content
        self.identity = identity
    }
}
