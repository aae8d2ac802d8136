/// What the unpacking thread tells the writing thread to do.
enum WriteOrder: Sendable {
    case directory(EntryPath, permissions: UInt32, modified: FileTime)
    /// The beginning of a file, or all of it.
    case file(EntryPath, permissions: UInt32, modified: FileTime, content: [UInt8], complete: Bool)
    /// More of the file begun last.
    case more([UInt8], complete: Bool)
    case symlink(EntryPath, target: [UInt8], modified: FileTime)
    case hardLink(EntryPath, target: EntryPath)

    /// How much of the queue it takes: its bytes, and something for itself.
    var weight: Int {
        switch self {
        case .file(_, _, _, let content, _), .more(let content, _): content.count + 128
        default: 128
        }
    }
}

/// Seconds since 1970 and nanoseconds.
struct FileTime: Sendable {
    let seconds: Int
    let nanoseconds: Int
}
