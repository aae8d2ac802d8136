import Bytes
import FoundationEssentials

/// Finds segments of the result channel among the noise of the console.
///
/// A kernel without a driver for the second serial port makes domain 0's init write them there, as lines
/// `#TOKEN NUMBER SHA256 BASE64`, each three times. A copy that other output ran into is skipped.
struct ConsoleSegments {
    private let mark: String

    init(token: String) { mark = "#\(token) " }

    /// The segment of a line; `nil` unless it is whole.
    func segment(_ line: String) -> (number: Int, sha256: String, bytes: [UInt8])? {
        guard let start = line.firstRange(of: mark) else { return nil }
        let fields = line[start.upperBound...].split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 3, let number = Int(fields[0]), let data = Data(base64Encoded: String(fields[2])) else {
            return nil
        }
        let bytes = Array(data)
        return Digest(of: bytes).hex == fields[1] ? (number, String(fields[1]), bytes) : nil
    }
}
