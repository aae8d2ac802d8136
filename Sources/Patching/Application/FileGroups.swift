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
    private(set) var entries = Lists()
    /// For each file of the series, patch by patch, its owner and its place in that owner's work.
    private(set) var places: [Place] = []
    /// The number of each patch's first file among all files of the series; at the end the number of files.
    let firstFile: [Int]
    /// The number of each path, and the owner of each number.
    private let numbers: [RelativePath: Int]
    private let owners: [Int]

    /// Where the outcome of a file is.
    struct Place: Sendable {
        let owner: Int
        let index: Int
    }

    /// Lists of entries, one behind the other in memory: there are thousands, most of them short.
    struct Lists: Sendable {
        private var all: [Entry] = []
        private var starts: [Int] = [0]

        /// How many lists there are.
        var count: Int { starts.count - 1 }
        /// Their numbers.
        var indices: Range<Int> { 0..<count }

        /// One of them.
        subscript(index: Int) -> ArraySlice<Entry> { all[starts[index]..<starts[index + 1]] }

        /// How long one is.
        func length(_ index: Int) -> Int { starts[index + 1] - starts[index] }

        fileprivate init() {}

        /// Lists of given lengths, filled in order.
        fileprivate init(lengths: [Int], _ fill: ((Int, Entry) -> Int) -> Void) {
            starts.reserveCapacity(lengths.count + 1)
            for length in lengths { starts.append((starts.last ?? 0) + length) }
            all = [Entry](repeating: Entry(patch: 0, file: 0), count: starts.last ?? 0)
            var next = starts
            fill { index, entry in
                all[next[index]] = entry
                next[index] += 1
                return next[index] - 1 - starts[index]
            }
        }
    }

    /// Ties together the files that any file patch names together.
    init(_ patches: [ParsedPatch], reversed: [Bool]) {
        var firstFile: [Int] = [0]
        firstFile.reserveCapacity(patches.count + 1)
        for index in patches.indices { firstFile.append((firstFile.last ?? 0) + patches[index].files.count) }
        let count = firstFile.last ?? 0
        var numbers: [RelativePath: Int] = [:]
        var parents: [Int] = []
        numbers.reserveCapacity(count)
        parents.reserveCapacity(count)
        func number(_ path: RelativePath) -> Int {
            let number = numbers[path, default: parents.count]
            if number == parents.count {
                numbers[path] = number
                parents.append(number)
            }
            return number
        }
        func root(_ start: Int) -> Int {
            var at = start
            while parents[at] != at {
                parents[at] = parents[parents[at]]
                at = parents[at]
            }
            return at
        }
        /// The number of either path, after which they have one root; `nil` without a path.
        func tie(_ path: RelativePath?, to node: Int?) -> Int? {
            guard let path else { return node }
            let other = number(path)
            guard let node else { return other }
            let (one, two) = (root(node), root(other))
            parents[max(one, two)] = min(one, two)
            return node
        }
        var nodes: [Int] = []
        nodes.reserveCapacity(count)
        for index in patches.indices {
            for file in patches[index].files {
                // Two names are the rule, and mostly they are the same one.
                var node = tie(file.oldPath, to: nil)
                if file.newPath != file.oldPath { node = tie(file.newPath, to: node) }
                node = tie(file.indexPath, to: node)
                if node == nil { parents.append(parents.count) }
                // A binary file without a usable name still has to fail: it owns itself.
                nodes.append(node ?? parents.count - 1)
            }
        }
        var ownerOfRoot = [Int](repeating: -1, count: parents.count)
        var lengths: [Int] = []
        for index in nodes.indices {
            let top = root(nodes[index])
            if ownerOfRoot[top] < 0 {
                ownerOfRoot[top] = lengths.count
                lengths.append(0)
            }
            nodes[index] = ownerOfRoot[top]
            lengths[ownerOfRoot[top]] += 1
        }
        var places: [Place] = []
        places.reserveCapacity(count)
        entries = Lists(lengths: lengths) { put in
            for patch in patches.indices {
                for number in firstFile[patch]..<firstFile[patch + 1] {
                    let owner = nodes[number]
                    let index = put(owner, Entry(patch: patch, file: number - firstFile[patch]))
                    places.append(Place(owner: owner, index: index))
                }
            }
        }
        self.places = places
        owners = parents.indices.map { max(ownerOfRoot[root($0)], 0) }
        self.numbers = numbers
        self.firstFile = firstFile
    }

    /// The owners, those with the most to do first.
    var largestFirst: [Int] {
        entries.indices.sorted { (entries.length($1), $0) < (entries.length($0), $1) }
    }

    /// Every path the series names.
    var paths: [RelativePath] { Array(numbers.keys) }

    /// The owner of a path, if the series names it.
    func owner(of path: RelativePath) -> Int? { numbers[path].map { owners[$0] } }
}
