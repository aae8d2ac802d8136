/// What a guest has to do for a dom0 to be one, in the order in which it is tried.
public enum GuestCheck: String, Sendable, Codable, CaseIterable, Comparable {
    /// It reaches its init and proves that through xenstore.
    case `init`
    /// What dom0 writes to its console arrives there.
    case console
    /// An HVM guest uses a disk that the device model emulates.
    case emulatedDisk = "disk-emulated"
    /// It reads and writes a disk that dom0's blkback serves; both sides see the same bytes.
    case disk
    /// An HVM guest uses a network card that the device model emulates.
    case emulatedNetwork = "network-emulated"
    /// Some MiB go through dom0's netback, both ways, and arrive as they were sent.
    case network
    /// Paused it does nothing, and afterwards it goes on.
    case pause
    /// It gives memory back and gets it again.
    case balloon
    /// It is saved to a file, and goes on when restored from there.
    case save
    /// It shuts down when the toolstack asks it to.
    case shutdown
    /// It starts a second time, and has its disk and network again.
    case restart

    /// Those that can be asked for; those of emulated devices go with `disk` and `network`.
    public static let choices: [GuestCheck] = [
        .`init`, .console, .disk, .network, .pause, .balloon, .save, .shutdown, .restart,
    ]

    public static func < (one: GuestCheck, other: GuestCheck) -> Bool {
        (allCases.firstIndex(of: one) ?? 0) < (allCases.firstIndex(of: other) ?? 0)
    }
}

/// A check that was asked for and could not be made, with the reason: it says nothing for or against the kernel.
public struct UncheckedPart: Sendable, Codable, Equatable {
    /// The stage it would have been, such as `guest-pv/save`.
    public let stage: String
    /// Why not.
    public let reason: String
}
