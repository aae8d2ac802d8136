/// Puts numbers, texts and paths into bytes, small numbers into few.
struct MemoryWriter {
    private(set) var bytes: [UInt8] = []
    private var paths: [RelativePath: Int] = [:]
    private(set) var pathList: [RelativePath] = []

    /// A number, seven bits a byte; negative ones are folded between the positive.
    mutating func number(_ value: Int) {
        var rest = UInt64(bitPattern: Int64(value << 1 ^ value >> 63))
        while rest > 127 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Eight bytes.
    mutating func word(_ value: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift))) }
    }

    /// A length and bytes.
    mutating func text(_ text: some Collection<UInt8>) {
        number(text.count)
        bytes.append(contentsOf: text)
    }

    mutating func fingerprint(_ value: Fingerprint) {
        word(value.first)
        word(value.second)
        word(value.third)
        word(value.fourth)
    }

    mutating func identity(_ identity: ContentIdentity?) {
        number(Int(truncatingIfNeeded: identity?.kind.rawValue ?? 0))
        guard let words = identity?.words else { return }
        word(words.first)
        word(words.second)
        word(words.third)
        word(words.fourth)
        word(words.fifth)
        word(words.sixth)
        word(words.seventh)
    }

    /// A path by its number in ``pathList``, from 1; 0 for none.
    mutating func path(_ path: RelativePath?) {
        guard let path else { return number(0) }
        if let known = paths[path] { return number(known) }
        pathList.append(path)
        paths[path] = pathList.count
        number(pathList.count)
    }

    mutating func list<Element>(_ list: some Collection<Element>, _ write: (inout MemoryWriter, Element) -> Void) {
        number(list.count)
        for element in list { write(&self, element) }
    }
}

/// Takes out again what ``MemoryWriter`` has put in; damaged bytes end in an error, never in a wrong value's use.
struct MemoryReader {
    /// The bytes are not what was written.
    struct Damaged: Error {}

    private let blob: Blob
    private let end: Int
    private(set) var position: Int
    var paths: [RelativePath] = []

    init(_ blob: Blob, _ range: Range<Int>) {
        self.blob = blob
        position = range.lowerBound
        end = min(range.upperBound, blob.count)
    }

    /// A reader of what is behind so many bytes, by the same paths.
    func skip(_ count: Int) throws(Damaged) -> MemoryReader {
        guard (0...(end - position)).contains(count) else { throw Damaged() }
        var reader = self
        reader.position += count
        return reader
    }

    mutating func byte() throws(Damaged) -> UInt8 {
        guard position < end else { throw Damaged() }
        position += 1
        return blob.byte(position - 1)
    }

    mutating func number() throws(Damaged) -> Int {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try byte()
            guard shift < 64 else { throw Damaged() }
            value |= UInt64(byte & 127) << shift
            if byte < 128 { break }
            shift += 7
        }
        return Int(bitPattern: UInt(value >> 1)) ^ -Int(bitPattern: UInt(value & 1))
    }

    /// How many elements follow: never more than bytes are left.
    mutating func count() throws(Damaged) -> Int {
        let count = try number()
        guard count >= 0, count <= end - position else { throw Damaged() }
        return count
    }

    mutating func word() throws(Damaged) -> UInt64 {
        guard end - position >= 8 else { throw Damaged() }
        var value: UInt64 = 0
        for index in 0..<8 { value |= UInt64(blob.byte(position + index)) << UInt64(index * 8) }
        position += 8
        return value
    }

    /// Where the bytes of a text are.
    mutating func range() throws(Damaged) -> Range<Int> {
        let count = try count()
        position += count
        return position - count..<position
    }

    mutating func text() throws(Damaged) -> String { blob.text(try range()) }

    mutating func bytes() throws(Damaged) -> [UInt8] {
        let range = try range()
        let line = blob.line(range.lowerBound, range.upperBound)
        return Array(UnsafeBufferPointer(start: line.start, count: line.count))
    }

    mutating func fingerprint() throws(Damaged) -> Fingerprint {
        Fingerprint(try word(), try word(), try word(), try word())
    }

    mutating func identity() throws(Damaged) -> ContentIdentity? {
        let raw = try number()
        if raw == 0 { return nil }
        guard let kind = ContentIdentity.Kind(rawValue: UInt64(bitPattern: Int64(raw))) else { throw Damaged() }
        return ContentIdentity(
            kind: kind,
            words: .init(
                first: try word(), second: try word(), third: try word(), fourth: try word(), fifth: try word(),
                sixth: try word(), seventh: try word()))
    }

    mutating func optionalPath() throws(Damaged) -> RelativePath? {
        let index = try number()
        if index == 0 { return nil }
        guard paths.indices.contains(index - 1) else { throw Damaged() }
        return paths[index - 1]
    }

    mutating func path() throws(Damaged) -> RelativePath {
        guard let path = try optionalPath() else { throw Damaged() }
        return path
    }

    mutating func list<Element>(
        _ read: (inout MemoryReader) throws(Damaged) -> Element
    ) throws(Damaged) -> [Element] {
        let count = try count()
        var list: [Element] = []
        list.reserveCapacity(count)
        for _ in 0..<count { list.append(try read(&self)) }
        return list
    }

    /// One of the cases of an enumeration, by its place.
    mutating func element<Value>(of cases: [Value]) throws(Damaged) -> Value {
        let index = try number()
        guard cases.indices.contains(index) else { throw Damaged() }
        return cases[index]
    }
}
