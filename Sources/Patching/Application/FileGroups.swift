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
    /// The owners of paths of which one lies below another.
    private let nesting: Set<Int>

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
    init(_ patches: [ParsedPatch]) {
        var ties = FileTies(patches: patches.count)
        for index in patches.indices { ties.add(patches[index].files) }
        self.init(ties)
    }

    /// Deals the files out to owners.
    init(_ ties: consuming FileTies) {
        let nested = ties.tieNested()
        let firstFile = ties.firstFile
        var owners = ties.nodes
        var ownerOfRoot = [Int](repeating: -1, count: ties.nodeCount)
        var lengths: [Int] = []
        for index in owners.indices {
            let top = ties.root(owners[index])
            if ownerOfRoot[top] < 0 {
                ownerOfRoot[top] = lengths.count
                lengths.append(0)
            }
            owners[index] = ownerOfRoot[top]
            lengths[ownerOfRoot[top]] += 1
        }
        var places: [Place] = []
        places.reserveCapacity(owners.count)
        entries = Lists(lengths: lengths) { put in
            for patch in firstFile.indices.dropLast() {
                for number in firstFile[patch]..<firstFile[patch + 1] {
                    let owner = owners[number]
                    let index = put(owner, Entry(patch: patch, file: number - firstFile[patch]))
                    places.append(Place(owner: owner, index: index))
                }
            }
        }
        self.places = places
        self.firstFile = firstFile
        let all = (0..<ties.nodeCount).map { max(ownerOfRoot[ties.root($0)], 0) }
        self.owners = all
        nesting = Set(nested.map { all[$0] })
        numbers = ties.numbers
    }

    /// Whether of an owner's paths one lies below another: it is a file at one time and a folder at another.
    func isNested(_ owner: Int) -> Bool { nesting.contains(owner) }

    /// The owners, those with the most to do first.
    var largestFirst: [Int] {
        entries.indices.sorted { (entries.length($1), $0) < (entries.length($0), $1) }
    }

    /// Every path the series names.
    var paths: [RelativePath] { Array(numbers.keys) }

    /// The owner of a path, if the series names it.
    func owner(of path: RelativePath) -> Int? { numbers[path].map { owners[$0] } }
}

/// Which files belong together, as far as patches have been looked at: the sets of a union-find.
struct FileTies: Sendable {
    /// The number of each path.
    private(set) var numbers: [RelativePath: Int] = [:]
    /// For each number another of its set, nearer to the one that stands for it.
    private var parents: [Int] = []
    /// The number of one path of each file, patch by patch.
    private(set) var nodes: [Int] = []
    /// The number of each patch's first file among all files; at the end the number of files.
    private(set) var firstFile: [Int] = [0]
    /// The files that are made where none was, by their paths.
    private var made: [RelativePath] = []

    /// How many numbers there are.
    var nodeCount: Int { parents.count }

    init(patches: Int) {
        firstFile.reserveCapacity(patches + 1)
        numbers.reserveCapacity(patches)
    }

    /// Takes the next patch's files in.
    mutating func add(_ files: [FilePatch]) {
        for file in files {
            // Two names are the rule, and mostly they are the same one.
            var node = tie(file.oldPath, to: nil)
            if file.newPath != file.oldPath { node = tie(file.newPath, to: node) }
            node = tie(file.indexPath, to: node)
            if node == nil { parents.append(parents.count) }
            // A binary file without a usable name still has to fail: it owns itself.
            nodes.append(node ?? parents.count - 1)
            guard file.makesOrTakes else { continue }
            made += [file.oldPath, file.newPath].compactMap(\.self)
        }
        firstFile.append(nodes.count)
    }

    /// Ties files to those that have the path of a folder they are in: one cannot be there while the other is.
    /// - Returns: The number of one path of each such pair.
    mutating func tieNested() -> [Int] {
        var found: [Int] = []
        for path in made {
            guard let number = numbers[path] else { continue }
            for folder in path.parents {
                guard let other = numbers[folder] else { continue }
                let (one, two) = (root(number), root(other))
                parents[max(one, two)] = min(one, two)
                found.append(number)
            }
        }
        return found
    }

    /// The number that stands for a set.
    mutating func root(_ start: Int) -> Int {
        var at = start
        while parents[at] != at {
            parents[at] = parents[parents[at]]
            at = parents[at]
        }
        return at
    }

    /// The number of either path, after which they are in one set; `nil` without a path.
    private mutating func tie(_ path: RelativePath?, to node: Int?) -> Int? {
        guard let path else { return node }
        let other = number(path)
        guard let node else { return other }
        let (one, two) = (root(node), root(other))
        parents[max(one, two)] = min(one, two)
        return node
    }

    private mutating func number(_ path: RelativePath) -> Int {
        let number = numbers[path, default: parents.count]
        if number == parents.count {
            numbers[path] = number
            parents.append(number)
        }
        return number
    }
}
