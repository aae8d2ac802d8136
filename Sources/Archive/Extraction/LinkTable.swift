/// The symbolic links of an archive, judged together: a link that is harmless by itself may leave the tree by another one.
struct LinkTable: Sendable {
    private var targets: [EntryPath: [UInt8]] = [:]

    mutating func add(_ path: EntryPath, target: [UInt8]) { targets[path] = target }

    func target(of path: EntryPath) -> [UInt8]? { targets.isEmpty ? nil : targets[path] }

    /// Forgets a link that a later entry replaced.
    mutating func remove(_ path: EntryPath) { if !targets.isEmpty { targets[path] = nil } }

    /// The first link, in order of names, that leads outside the tree.
    /// - Parameter rooted: Whether an absolute target means the tree's own top (a root file system) rather than the machine's.
    func firstLeavingTree(rooted: Bool) -> EntryPath? {
        targets.keys.filter { leaves($0, rooted: rooted) }.min { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    /// Follows a link part by part, through other links of the archive, as the kernel would.
    private func leaves(_ link: EntryPath, rooted: Bool) -> Bool {
        guard let target = targets[link] else { return false }
        var place = link.parent.parts
        var pending = Array(target.split(separator: UInt8(ascii: "/")).reversed())
        if target.first == UInt8(ascii: "/") {
            if !rooted { return true }
            place = []
        }
        // 40 is where Linux gives up following links (ELOOP): a loop cannot lead outside.
        var followed = 0
        while let part = pending.popLast() {
            if part.elementsEqual(".".utf8) { continue }
            if part.elementsEqual("..".utf8) {
                // At the top of a root file system `..` stays there; elsewhere it leaves the tree.
                if place.popLast() == nil, !rooted { return true }
                continue
            }
            place.append(part)
            let here = place.reduce(EntryPath.top) { $0.appending($1) }
            guard let next = targets[here] else { continue }
            followed += 1
            if followed > 40 { return false }
            pending.append(contentsOf: next.split(separator: UInt8(ascii: "/")).reversed())
            place.removeLast()
            if next.first == UInt8(ascii: "/") {
                if !rooted { return true }
                place = []
            }
        }
        return false
    }
}

/// Symbolic links of a tree that is yet to be made.
public enum SymbolicLinks {
    /// The first link, in order of names, that leads outside the tree, by itself or by way of others.
    /// - Parameter links: The paths of links from the tree's top, each with its target.
    public static func firstLeavingTree(_ links: [(path: [UInt8], target: [UInt8])]) -> String? {
        var table = LinkTable()
        for link in links {
            guard let path = EntryPath(archived: link.path) else { return String(decoding: link.path, as: UTF8.self) }
            table.add(path, target: link.target)
        }
        return table.firstLeavingTree(rooted: false)?.text
    }
}
