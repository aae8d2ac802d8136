import Bytes
import Patching
import SystemPackage

/// The folders of a tree, opened one below the other and kept open while neighbours are worked on.
struct FolderCursor {
    private let top: Beneath
    private var open: [(name: [UInt8], handle: Beneath)] = []
    /// The folder of the last file.
    private var last: (path: [UInt8], handle: Beneath)?

    init(_ top: Beneath) { self.top = top }

    /// The folder of a file; `nil` where it is not there and is not to be made.
    mutating func folder(of path: RelativePath, make: Bool) throws(Errno) -> Beneath? {
        let parent = path.parentBytes
        if let last, parent.elementsEqual(last.path) { return last.handle }
        let names = path.components.dropLast()
        var depth = 0
        while depth < open.count, depth < names.count, open[depth].name == names[depth] { depth += 1 }
        open.removeSubrange(depth...)
        last = nil
        for name in names[depth...] {
            let above = open.last?.handle ?? top
            if make && !above.exists(name) { try above.makeFolder(name) }
            do throws(Errno) {
                open.append((name, try above.open(name)))
            } catch .noSuchFileOrDirectory where !make {
                return nil
            }
        }
        let handle = open.last?.handle ?? top
        last = (Array(parent), handle)
        return handle
    }

    /// Removes the folders above a file as far as they are empty.
    mutating func prune(above path: RelativePath) throws(Errno) {
        for folder in path.parents.reversed() {
            guard let above = try self.folder(of: folder, make: false) else { continue }
            do {
                try above.removeFolder(folder.name)
            } catch .noSuchFileOrDirectory {
                continue
            } catch {
                return
            }
            open.removeAll()
            last = nil
        }
    }
}
