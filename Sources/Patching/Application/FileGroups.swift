/// Which files must have one owner, and what each owner does in which order.
struct FileGroups: Sendable {
    /// One file of one patch.
    struct Entry: Sendable, Comparable {
        /// The patch's place in the series.
        let patch: Int
        /// The file's place in the patch.
        let file: Int

        static func < (left: Entry, right: Entry) -> Bool { (left.patch, left.file) < (right.patch, right.file) }
    }

    /// The work of each owner, in the order of the series; owners in the order of their first entry.
    private(set) var entries: [[Entry]] = []
    /// The number of each path, and the owner of each number.
    private let numbers: [RelativePath: Int]
    private let owners: [Int]

    /// Ties together the files that any file patch names together.
    init(_ patches: [ParsedPatch], reversed: [Bool]) {
        var numbers: [RelativePath: Int] = [:]
        var parents: [Int] = []
        numbers.reserveCapacity(patches.reduce(0) { $0 + $1.files.count })
        func number(_ path: RelativePath) -> Int {
            if let known = numbers[path] { return known }
            let new = parents.count
            numbers[path] = new
            parents.append(new)
            return new
        }
        func root(_ start: Int) -> Int {
            var at = start
            while parents[at] != at {
                parents[at] = parents[parents[at]]
                at = parents[at]
            }
            return at
        }
        var first: [(entry: Entry, node: Int)] = []
        for (patchIndex, patch) in patches.enumerated() {
            for (fileIndex, file) in patch.files.enumerated() {
                // Two names are the rule, and mostly they are the same one.
                var node: Int?
                func tie(_ path: RelativePath?) {
                    guard let path else { return }
                    let other = number(path)
                    if let known = node {
                        parents[max(root(known), root(other))] = min(root(known), root(other))
                    } else {
                        node = other
                    }
                }
                tie(file.oldPath)
                if file.newPath != file.oldPath { tie(file.newPath) }
                tie(file.indexPath)
                if node == nil {
                    // A binary file without a usable name still has to fail: it owns itself.
                    node = parents.count
                    parents.append(parents.count)
                }
                first.append((Entry(patch: patchIndex, file: fileIndex), node ?? 0))
            }
        }
        var ownerOfRoot: [Int: Int] = [:]
        for (entry, node) in first {
            let top = root(node)
            if let owner = ownerOfRoot[top] {
                entries[owner].append(entry)
            } else {
                ownerOfRoot[top] = entries.count
                entries.append([entry])
            }
        }
        owners = parents.indices.map { ownerOfRoot[root($0)] ?? 0 }
        self.numbers = numbers
    }

    /// The owners, those with the most to do first.
    var largestFirst: [Int] {
        entries.indices.sorted { (entries[$1].count, $0) < (entries[$0].count, $1) }
    }

    /// Every path the series names.
    var paths: [RelativePath] { Array(numbers.keys) }

    /// The owner of a path, if the series names it.
    func owner(of path: RelativePath) -> Int? { numbers[path].map { owners[$0] } }
}
