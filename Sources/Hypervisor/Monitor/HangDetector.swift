import Bytes
import SystemPackage

/// Tells a machine that hangs from one that only gets little processor time.
///
/// Silence counts in the processor time that QEMU itself used, so that a busy host is not taken for a hanging kernel. A machine
/// that waits without using the processor is measured by the clock.
struct HangDetector {
    private let limit: Double
    private let process: FilePath
    private(set) var since = 0.0
    private var used: Double?

    /// - Parameters:
    ///   - limit: How many seconds of silence are too many.
    ///   - process: The file with QEMU's process number.
    init(limit: Double, process: FilePath) {
        self.limit = limit
        self.process = process
    }

    /// Something was heard.
    mutating func heard(at now: Double) {
        since = now
        used = nil
    }

    /// Whether the silence is too long.
    mutating func isOver(at now: Double) -> Bool {
        let silence = now - since
        guard silence >= 1 else { return false }
        let time = processorTime()
        guard let first = used else {
            used = time
            return false
        }
        guard silence >= limit else { return false }
        let spent = (time ?? first) - first
        return spent >= limit - 2 || spent < silence / 10
    }

    /// User and system time of QEMU in seconds: fields 14 and 15 of `proc(5)`'s `stat`, in ticks of 10 ms.
    private func processorTime() -> Double? {
        guard let text = try? Files.read(process),
            let number = Int32(String(decoding: text, as: UTF8.self).filter(\.isNumber)),
            let line = try? Files.read(FilePath("/proc/\(number)/stat"))
        else { return nil }
        // The second field is the program's name in parentheses, which may hold anything.
        let fields = String(decoding: line, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
        return (user + system) / 100
    }
}
