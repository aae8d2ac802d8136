import Bytes
import SystemPackage

/// Counts the time that the emulated machine could use: what limits are measured in.
///
/// A machine that waits is counted by the clock, one that works by the processor time it gets, one that is stopped not at
/// all. So a busy host, a processor quota or a SIGSTOP makes a boot longer, and never makes a hang of it.
package struct MachineClock {
    /// What the emulator was doing when it was looked at.
    package enum Activity: Equatable {
        /// A thread runs or wants to.
        case working
        /// All threads wait for something: the guest is idle.
        case waiting
        /// It was stopped by a signal or a debugger.
        case stopped
    }

    /// A look at the emulator.
    package struct Sample {
        let activity: Activity
        /// Processor time it has used so far, in seconds.
        let used: Double

        /// Notes what was seen.
        package init(activity: Activity, used: Double) {
            self.activity = activity
            self.used = used
        }
    }

    private let process: FilePath
    private var last: (wall: Double, used: Double, activity: Activity)?
    /// Seconds that the machine could use.
    package private(set) var machine = 0.0
    /// Seconds of the wall clock since it was last seen to be able to do anything.
    package private(set) var standstill = 0.0
    /// Seconds of the wall clock.
    package private(set) var wall = 0.0
    /// What it was doing when last looked at.
    package private(set) var activity = Activity.working

    /// - Parameter process: The file with the emulator's process number.
    package init(process: FilePath) { self.process = process }

    /// What part of the wall time the machine could use.
    package var share: Double { wall > 0 ? min(machine / wall, 1) : 1 }

    /// Looks at the emulator.
    /// - Parameter now: Seconds of the wall clock since the start.
    mutating func look(at now: Double) { take(sample(), at: now) }

    /// Takes what was seen; without a sample (it is not there yet, or gone) the clock counts.
    package mutating func take(_ sample: Sample?, at now: Double) {
        defer { wall = now }
        guard let sample else {
            machine += max(now - wall, 0)
            last = nil
            return
        }
        activity = sample.activity
        guard let before = last else {
            machine += max(now - wall, 0)
            last = (now, sample.used, sample.activity)
            return
        }
        let passed = max(now - before.wall, 0)
        let worked = max(sample.used - before.used, 0)
        let gained: Double =
            switch (before.activity, sample.activity) {
            case (.stopped, _), (_, .stopped): min(worked, passed)
            // Waiting before and after, with no work between: it waited all along.
            case (.waiting, .waiting): passed
            default: min(worked, passed)
            }
        machine += gained
        standstill = gained > passed / 100 ? 0 : standstill + passed
        last = (now, sample.used, sample.activity)
    }

    /// Reads `stat` of every thread: `proc(5)`, field 3 is its state, 14 and 15 its user and system time in ticks of 10 ms.
    private func sample() -> Sample? {
        guard let text = try? Files.read(process),
            let number = Int32(String(decoding: text, as: UTF8.self).filter(\.isNumber)),
            let whole = Self.fields(FilePath("/proc/\(number)/stat")),
            let threads = try? Files.list(FilePath("/proc/\(number)/task"))
        else { return nil }
        let states = threads.compactMap { Self.fields(FilePath("/proc/\(number)/task/\($0)/stat"))?.state }
        let activity: Activity =
            states.contains { $0 == "T" || $0 == "t" }
            ? .stopped : states.contains { $0 == "R" || $0 == "D" } ? .working : .waiting
        return Sample(activity: activity, used: whole.used)
    }

    private static func fields(_ path: FilePath) -> (state: String, used: Double)? {
        guard let line = try? Files.read(path) else { return nil }
        // The second field is the program's name in parentheses, which may hold anything.
        let fields = String(decoding: line, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
        return (String(fields[0]), (user + system) / 100)
    }
}
