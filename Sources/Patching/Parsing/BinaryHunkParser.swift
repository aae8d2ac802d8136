/// Reads the data of a `GIT binary patch`: lines of base85, each after a letter for its length.
///
/// `literal SIZE` or `delta SIZE`, then lines of 1 to 52 bytes (`A`–`Z` for 1–26, `a`–`z` for 27–52), four bytes to
/// five characters, then a blank line (git, `base85.c` and `apply.c`).
struct BinaryHunkParser {
    private static let alphabet = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~".utf8)
    private static let values: [UInt32?] = {
        var values = [UInt32?](repeating: nil, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt32(value) }
        return values
    }()

    let blob: Blob
    let patch: String

    /// Reads one direction; `nil` where neither `literal` nor `delta` follows.
    func parse(_ position: inout Int, _ lineNumber: inout Int) throws(PatchError) -> BinaryHunk? {
        let method: BinaryHunk.Method
        var at: Int
        if blob.matches("literal ", at: position) {
            (method, at) = (.literal, position + 8)
        } else if blob.matches("delta ", at: position) {
            (method, at) = (.delta, position + 6)
        } else {
            return nil
        }
        let headerLine = lineNumber
        var size = 0
        let digits = at
        while (48...57).contains(blob.byte(at)) {
            size = size * 10 + Int(blob.byte(at)) - 48
            guard size <= BinaryPatch.largest else { throw error("the size is too large", lineNumber) }
            at += 1
        }
        guard at > digits else { throw error("the size is not a number", lineNumber) }
        position = blob.endOfLine(position)
        lineNumber += 1
        var deflated: [UInt8] = []
        while position < blob.count {
            let end = blob.endOfLine(position)
            var stop = end
            while stop > position, blob.byte(stop - 1) == 10 || blob.byte(stop - 1) == 13 { stop -= 1 }
            let range = position..<stop
            let line = lineNumber
            position = end
            lineNumber += 1
            if range.isEmpty { return BinaryHunk(method: method, size: size, deflated: deflated, line: headerLine) }
            try decode(range, into: &deflated, line)
        }
        throw error("the data ends without a blank line", lineNumber)
    }

    private func decode(_ range: Range<Int>, into bytes: inout [UInt8], _ line: Int) throws(PatchError) {
        let length: Int
        switch blob.byte(range.lowerBound) {
        case let letter where (65...90).contains(letter): length = Int(letter) - 64
        case let letter where (97...122).contains(letter): length = Int(letter) - 70
        default: throw error("a line does not begin with its length", line)
        }
        guard range.count - 1 == (length + 3) / 4 * 5 else { throw error("a line is not as long as it says", line) }
        var left = length
        for group in stride(from: range.lowerBound + 1, to: range.upperBound, by: 5) {
            var value: UInt32 = 0
            for index in group..<group + 5 {
                guard let digit = Self.values[Int(blob.byte(index))] else {
                    throw error("a character is not base85", line)
                }
                let (product, over) = value.multipliedReportingOverflow(by: 85)
                let (sum, carry) = product.addingReportingOverflow(digit)
                guard !over && !carry else { throw error("a group of base85 is too large", line) }
                value = sum
            }
            for shift in [24, 16, 8, 0] as [UInt32] where left > 0 {
                bytes.append(UInt8(truncatingIfNeeded: value >> shift))
                left -= 1
            }
        }
    }

    private func error(_ reason: String, _ line: Int) -> PatchError {
        PatchError(patch: patch, line: line, problem: .malformedBinary(reason))
    }
}
