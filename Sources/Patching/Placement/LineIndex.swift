/// Where the lines of a file are: equal lines share a number, and each number knows its places.
///
/// Built once in a time that grows with the file; after that a run of lines is found without looking at the others.
final class LineIndex {
    /// A line of the file, as a number that only equal lines have.
    typealias Kind = Int32

    /// The kind of a line that the file does not have.
    static let absent: Kind = -1

    /// The kind of each line of the file.
    let kinds: [Kind]
    /// The lines of each kind, one after another, in order.
    private let places: [Int32]
    /// Where the lines of each kind begin in ``places``; one more than there are kinds.
    private let starts: [Int32]
    /// An open hash table of kinds.
    private let table: [Kind]
    private let lines: [Line]

    /// Indexes a file of less than 2^31 lines.
    init(_ lines: [Line]) {
        var size = 64
        while size < lines.count * 2 { size *= 2 }
        var table = [Kind](repeating: Self.absent, count: size)
        var firsts: [Int32] = []
        var counts: [Int32] = []
        var kinds: [Kind] = []
        kinds.reserveCapacity(lines.count)
        for (number, line) in lines.enumerated() {
            var slot = line.hash & (size - 1)
            while table[slot] != Self.absent, lines[Int(firsts[Int(table[slot])])] != line {
                slot = (slot + 1) & (size - 1)
            }
            if table[slot] == Self.absent {
                table[slot] = Kind(firsts.count)
                firsts.append(Int32(number))
                counts.append(0)
            }
            kinds.append(table[slot])
            counts[Int(table[slot])] += 1
        }
        var starts: [Int32] = [0]
        starts.reserveCapacity(counts.count + 1)
        for count in counts { starts.append((starts.last ?? 0) + count) }
        var next = starts
        var places = [Int32](repeating: 0, count: lines.count)
        for (number, kind) in kinds.enumerated() {
            places[Int(next[Int(kind)])] = Int32(number)
            next[Int(kind)] += 1
        }
        (self.kinds, self.places, self.starts, self.table, self.lines) = (kinds, places, starts, table, lines)
    }

    /// The kind of a line of any file, or ``absent``.
    func kind(of line: Line) -> Kind {
        var slot = line.hash & (table.count - 1)
        while table[slot] != Self.absent {
            if lines[Int(places[Int(starts[Int(table[slot])])])] == line { return table[slot] }
            slot = (slot + 1) & (table.count - 1)
        }
        return Self.absent
    }

    /// The lines of a kind, from 0, in order.
    func places(of kind: Kind) -> ArraySlice<Int32> {
        kind == Self.absent ? [] : places[Int(starts[Int(kind)])..<Int(starts[Int(kind) + 1])]
    }

    /// Every place, from 0, where the file has a run of lines, in order.
    /// - Parameter effort: Counts the lines that are looked at.
    func occurrences(of run: ArraySlice<Kind>, effort: inout Int) -> [Int] {
        guard !run.isEmpty, run.count <= kinds.count, !run.contains(Self.absent) else { return [] }
        guard let rarest = run.indices.min(by: { places(of: run[$0]).count < places(of: run[$1]).count }) else {
            return []
        }
        let candidates = places(of: run[rarest])
        // Lines that are everywhere would be compared over and over.
        if candidates.count > 64, candidates.count * run.count > kinds.count { return scan(for: run, effort: &effort) }
        var found: [Int] = []
        for candidate in candidates {
            let start = Int(candidate) - (rarest - run.startIndex)
            guard start >= 0, start + run.count <= kinds.count else { continue }
            var length = 0
            while length < run.count, kinds[start + length] == run[run.startIndex + length] { length += 1 }
            effort += length + 1
            if length == run.count { found.append(start) }
        }
        return found
    }

    /// The same in one pass over the file, whatever it repeats (Knuth, Morris and Pratt).
    private func scan(for run: ArraySlice<Kind>, effort: inout Int) -> [Int] {
        let run = Array(run)
        // How much of the run's beginning ends at each of its lines.
        var borders = [Int](repeating: 0, count: run.count)
        var length = 0
        for index in run.indices.dropFirst() {
            while length > 0, run[index] != run[length] { length = borders[length - 1] }
            if run[index] == run[length] { length += 1 }
            borders[index] = length
        }
        var found: [Int] = []
        length = 0
        for (index, kind) in kinds.enumerated() {
            while length > 0, kind != run[length] { length = borders[length - 1] }
            if kind == run[length] { length += 1 }
            if length == run.count {
                found.append(index + 1 - length)
                length = borders[length - 1]
            }
        }
        effort += 2 * kinds.count
        return found
    }
}

extension Line {
    /// What hashes are made from: other numbers in every process, so that nobody can prepare lines that collide.
    private static let seed = (UInt64.random(in: 1...UInt64.max), UInt64.random(in: 1...UInt64.max))

    /// A hash of the bytes.
    var hash: Int {
        let bytes = UnsafeRawPointer(start)
        var state = Self.seed.0 ^ UInt64(count)
        func mix(_ word: UInt64) {
            let product = (state ^ word).multipliedFullWidth(by: Self.seed.1 | 1)
            state = product.high ^ product.low &+ word
        }
        var at = 0
        while at + 8 <= count {
            mix(bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        var rest: UInt64 = 0
        while at < count {
            rest = rest << 8 | UInt64(start[at])
            at += 1
        }
        mix(rest)
        mix(UInt64(count))
        return Int(truncatingIfNeeded: state & 0x7FFF_FFFF_FFFF_FFFF)
    }
}
