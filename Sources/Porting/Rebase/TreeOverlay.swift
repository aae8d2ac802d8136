import Patching

/// A tree with the changes that patches make to it, in memory.
final class TreeOverlay: TreeReading, @unchecked Sendable {
    private let base: any TreeReading
    /// What differs: `nil` for a file that is gone. Only changed between applications, never during one.
    private var changed: [RelativePath: TreeFile?] = [:]
    /// The paths that were changed, in the order of the changes.
    private(set) var history: [RelativePath] = []

    init(_ base: any TreeReading) { self.base = base }

    func read(_ path: RelativePath) throws -> TreeFile? {
        if let file = changed[path] { return file }
        return try base.read(path)
    }

    /// What patches have made of a file: `nil` where they have not changed it, `.some(nil)` where they have removed it.
    func change(of path: RelativePath) -> TreeFile?? { changed[path] }

    func relatives(of path: RelativePath) -> [RelativePath] { base.relatives(of: path) }

    func take(_ changes: [FileChange]) {
        for change in changes { changed.updateValue(change.after, forKey: change.path) }
        history += changes.map(\.path)
    }
}

extension TreeFile {
    /// Whether two files, or their absence, are the same to a patch.
    static func same(_ one: TreeFile?, _ two: TreeFile?) -> Bool {
        guard let one, let two else { return one == nil && two == nil }
        return one.kind == two.kind && one.content.hasSameBytes(as: two.content)
            && (one.permissions & 0o111 == 0) == (two.permissions & 0o111 == 0)
    }
}
