/// The symbolic links of a tree, judged together: a link that is harmless by itself may leave the tree by another one.
///
/// A trie by the parts of the links' paths, so that following a target costs one look-up a part.
struct LinkTable: Sendable {
    /// What is wrong with the links of a tree.
    enum Fault: Sendable {
        /// This link leads outside the tree, by itself or by way of others.
        case leavesTree(EntryPath)
        /// Following all links takes more steps than any source tree needs.
        case tooManySteps
    }

    private struct Node: Sendable {
        var children: [[UInt8]: Int] = [:]
        /// The target, where the node is a link.
        var target: [UInt8]?
    }

    private var nodes = [Node()]
    private var links: Set<EntryPath> = []

    /// How many parts of targets are followed in all.
    private static let mostSteps = 20_000_000
    /// Where Linux gives up following links (`ELOOP`): a loop cannot lead outside.
    private static let mostFollowed = 40

    /// Notes a link.
    mutating func add(_ path: EntryPath, target: [UInt8]) {
        var at = 0
        for part in path.parts {
            let name = Array(part)
            if let known = nodes[at].children[name] {
                at = known
            } else {
                nodes.append(Node())
                nodes[at].children[name] = nodes.count - 1
                at = nodes.count - 1
            }
        }
        nodes[at].target = target
        links.insert(path)
    }

    /// A link's target; `nil` where there is none.
    func target(of path: EntryPath) -> [UInt8]? { links.contains(path) ? nodes[node(of: path) ?? 0].target : nil }

    /// Forgets a link that a later entry replaced.
    mutating func remove(_ path: EntryPath) {
        guard links.remove(path) != nil, let at = node(of: path) else { return }
        nodes[at].target = nil
    }

    private func node(of path: EntryPath) -> Int? {
        var at = 0
        for part in path.parts {
            guard let next = nodes[at].children[Array(part)] else { return nil }
            at = next
        }
        return at
    }

    /// What is wrong with the links; of several that lead outside, the first in order of names.
    /// - Parameter rooted: Whether an absolute target means the tree's own top (a root file system) rather than the machine's.
    func fault(rooted: Bool) -> Fault? {
        var steps = 0
        for link in links.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
            if leaves(link, rooted: rooted, &steps) { return .leavesTree(link) }
            if steps > Self.mostSteps { return .tooManySteps }
        }
        return nil
    }

    /// Follows a link part by part, through other links of the tree, as the kernel would.
    private func leaves(_ link: EntryPath, rooted: Bool, _ steps: inout Int) -> Bool {
        guard let own = node(of: link), let target = nodes[own].target else { return false }
        // The nodes on the way from the top; `nil` for a part that leads to no link.
        var place: [Int?] = []
        var at = 0
        for part in link.parent.parts {
            guard let next = nodes[at].children[Array(part)] else { break }
            place.append(next)
            at = next
        }
        var pending: [ArraySlice<UInt8>] = []
        /// Goes on with a target; whether it leaves the tree at once.
        func follow(_ target: [UInt8]) -> Bool {
            pending += target.split(separator: UInt8(ascii: "/")).reversed()
            guard target.first == UInt8(ascii: "/") else { return false }
            place = []
            return !rooted
        }
        if follow(target) { return true }
        var followed = 0
        while let part = pending.popLast() {
            steps += 1
            if steps > Self.mostSteps { return false }
            if part.elementsEqual(".".utf8) { continue }
            if part.elementsEqual("..".utf8) {
                // At the top of a root file system `..` stays there; elsewhere it leaves the tree.
                if place.popLast() == nil, !rooted { return true }
                continue
            }
            let above = place.isEmpty ? 0 : place[place.count - 1]
            let next = above.flatMap { nodes[$0].children[Array(part)] }
            guard let next, let further = nodes[next].target else {
                place.append(next)
                continue
            }
            followed += 1
            if followed > Self.mostFollowed { return false }
            if follow(further) { return true }
        }
        return false
    }
}

/// Symbolic links of a tree that is yet to be made, or that was made.
public enum SymbolicLinks {
    /// What is wrong with links: which of them leads outside the tree, by itself or by way of others; `nil` for nothing.
    /// - Parameter links: The paths of links from the tree's top, each with its target.
    public static func fault(_ links: [(path: [UInt8], target: [UInt8])]) -> String? {
        var table = LinkTable()
        for link in links {
            guard let path = EntryPath(archived: link.path) else {
                return "the symbolic link '\(String(decoding: link.path, as: UTF8.self))' leads outside the tree"
            }
            table.add(path, target: link.target)
        }
        return switch table.fault(rooted: false) {
        case .leavesTree(let path): "the symbolic link '\(path.text)' leads outside the tree"
        case .tooManySteps: "its symbolic links take too many steps to follow"
        case nil: nil
        }
    }
}
