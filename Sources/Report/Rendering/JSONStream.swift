/// Writes a value as JSON while it is encoded, so that a result of any size takes no memory of its own.
///
/// Keys come in the order in which the value encodes them; those of dictionaries are sorted, so that the same value gives
/// the same bytes. Of two values with the same key of the outermost object the first stands: a result may have a field
/// `verdict` of its own beside that of its envelope.
struct JSONStream {
    /// Writes a value.
    /// - Parameter write: Takes the text in pieces of about 64 KiB.
    static func write(_ value: some Encodable, to write: @escaping ([UInt8]) throws -> Void) throws {
        let state = JSONState(write)
        try state.encode(value, at: 0)
        try state.finish()
    }
}

/// A dictionary whose keys are sorted before they are encoded.
private protocol SortedKeys {
    func encodeSorted(_ state: JSONState, at depth: Int) throws
}

extension Dictionary: SortedKeys where Key == String, Value: Encodable {
    fileprivate func encodeSorted(_ state: JSONState, at depth: Int) throws {
        try state.open(.object, at: depth)
        for (key, value) in sorted(by: { $0.key < $1.key }) {
            try state.key(key, at: depth)
            try state.encode(value, at: depth + 1)
        }
    }
}

/// What has been written, and which brackets are open.
private final class JSONState {
    enum Bracket {
        case object, array
        var first: UInt8 { self == .object ? UInt8(ascii: "{") : UInt8(ascii: "[") }
        var last: UInt8 { self == .object ? UInt8(ascii: "}") : UInt8(ascii: "]") }
    }

    private let write: ([UInt8]) throws -> Void
    private var bytes: [UInt8] = []
    /// Counts up with everything that is written.
    private var steps = 0
    private var open: [(bracket: Bracket, isEmpty: Bool)] = []
    /// The keys of the outermost object.
    private var outermost: Set<String> = []

    init(_ write: @escaping ([UInt8]) throws -> Void) { self.write = write }

    /// Closes everything below a depth.
    private func close(to depth: Int) {
        while open.count > depth {
            let (bracket, isEmpty) = open.removeLast()
            if !isEmpty { newline() }
            bytes.append(bracket.last)
        }
    }

    /// Opens a bracket at a depth; one that is open there already continues.
    func open(_ bracket: Bracket, at depth: Int) throws {
        if open.count > depth, open[depth].bracket == bracket { return close(to: depth + 1) }
        close(to: depth)
        steps += 1
        bytes.append(bracket.first)
        open.append((bracket, true))
        try flush(above: 1 << 16)
    }

    /// Begins an element of what is open at a depth.
    func element(at depth: Int) {
        close(to: depth + 1)
        if !open[depth].isEmpty { bytes.append(UInt8(ascii: ",")) }
        open[depth].isEmpty = false
        newline()
    }

    /// Whether a key of the outermost object has been written.
    func isRepeated(_ key: String, at depth: Int) -> Bool { depth == 0 && !outermost.insert(key).inserted }

    func key(_ key: String, at depth: Int) throws {
        element(at: depth)
        string(key)
        bytes += " : ".utf8
    }

    private func newline() {
        bytes.append(UInt8(ascii: "\n"))
        for _ in open { bytes += "  ".utf8 }
    }

    func raw(_ text: String) {
        steps += 1
        bytes += text.utf8
    }

    func string(_ text: String) {
        steps += 1
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case 10: bytes += "\\n".utf8
            case 9: bytes += "\\t".utf8
            case 13: bytes += "\\r".utf8
            case ..<32:
                bytes += "\\u00".utf8
                bytes.append(Self.digits[Int(byte >> 4)])
                bytes.append(Self.digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let digits = Array("0123456789abcdef".utf8)

    func encode(_ value: some Encodable, at depth: Int) throws {
        switch value {
        case let text as String: string(text)
        case let number as Int: raw(String(number))
        case let flag as Bool: raw(flag ? "true" : "false")
        case let sorted as any SortedKeys: try sorted.encodeSorted(self, at: depth)
        default:
            let before = steps
            try value.encode(to: JSONElementEncoder(state: self, depth: depth))
            // A value that encodes nothing is an empty object.
            if steps == before { try open(.object, at: depth) }
        }
        close(to: depth)
        try flush(above: 1 << 16)
    }

    private func flush(above limit: Int) throws {
        guard bytes.count > limit else { return }
        try write(SafeText.json(bytes))
        bytes.removeAll(keepingCapacity: true)
    }

    func finish() throws {
        close(to: 0)
        bytes.append(UInt8(ascii: "\n"))
        try flush(above: 0)
    }
}

private struct JSONElementEncoder: Encoder, SingleValueEncodingContainer {
    let state: JSONState
    let depth: Int
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        // An error of writing shows at the next element.
        try? state.open(.object, at: depth)
        return KeyedEncodingContainer(JSONObject<Key>(state: state, depth: depth))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        try? state.open(.array, at: depth)
        return JSONArray(state: state, depth: depth)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    mutating func encodeNil() throws { state.raw("null") }
    mutating func encode(_ value: some Encodable) throws { try state.encode(value, at: depth) }
    mutating func encode(_ value: Bool) throws { state.raw(value ? "true" : "false") }
    mutating func encode(_ value: String) throws { state.string(value) }
    mutating func encode(_ value: Double) throws { state.raw(decimal(value)) }
    mutating func encode(_ value: Float) throws { state.raw(decimal(Double(value))) }
    mutating func encode(_ value: Int) throws { state.raw(String(value)) }
    mutating func encode(_ value: Int8) throws { state.raw(String(value)) }
    mutating func encode(_ value: Int16) throws { state.raw(String(value)) }
    mutating func encode(_ value: Int32) throws { state.raw(String(value)) }
    mutating func encode(_ value: Int64) throws { state.raw(String(value)) }
    mutating func encode(_ value: UInt) throws { state.raw(String(value)) }
    mutating func encode(_ value: UInt8) throws { state.raw(String(value)) }
    mutating func encode(_ value: UInt16) throws { state.raw(String(value)) }
    mutating func encode(_ value: UInt32) throws { state.raw(String(value)) }
    mutating func encode(_ value: UInt64) throws { state.raw(String(value)) }
}

/// JSON has no infinity and no NaN.
private func decimal(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
}

private struct JSONObject<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let state: JSONState
    let depth: Int
    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil(forKey key: Key) throws {
        if state.isRepeated(key.stringValue, at: depth) { return }
        try state.key(key.stringValue, at: depth)
        state.raw("null")
    }

    mutating func encode(_ value: some Encodable, forKey key: Key) throws {
        if state.isRepeated(key.stringValue, at: depth) { return }
        try state.key(key.stringValue, at: depth)
        try state.encode(value, at: depth + 1)
    }

    mutating func nestedContainer<Inner: CodingKey>(
        keyedBy keyType: Inner.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Inner> {
        try? state.key(key.stringValue, at: depth)
        return JSONElementEncoder(state: state, depth: depth + 1).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        try? state.key(key.stringValue, at: depth)
        return JSONElementEncoder(state: state, depth: depth + 1).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { JSONElementEncoder(state: state, depth: depth) }
    mutating func superEncoder(forKey key: Key) -> any Encoder {
        try? state.key(key.stringValue, at: depth)
        return JSONElementEncoder(state: state, depth: depth + 1)
    }
}

private struct JSONArray: UnkeyedEncodingContainer {
    let state: JSONState
    let depth: Int
    private(set) var count = 0
    var codingPath: [any CodingKey] { [] }

    init(state: JSONState, depth: Int) {
        self.state = state
        self.depth = depth
    }

    mutating func encodeNil() throws {
        begin()
        state.raw("null")
    }

    mutating func encode(_ value: some Encodable) throws {
        begin()
        try state.encode(value, at: depth + 1)
    }

    private mutating func begin() {
        state.element(at: depth)
        count += 1
    }

    mutating func nestedContainer<Inner: CodingKey>(keyedBy keyType: Inner.Type) -> KeyedEncodingContainer<Inner> {
        begin()
        return JSONElementEncoder(state: state, depth: depth + 1).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        begin()
        return JSONElementEncoder(state: state, depth: depth + 1).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        begin()
        return JSONElementEncoder(state: state, depth: depth + 1)
    }
}
