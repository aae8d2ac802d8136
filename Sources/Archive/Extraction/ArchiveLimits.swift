/// How much may come out of an archive or a compressed file before it is refused.
public struct ArchiveLimits: Sendable, Equatable {
    /// The most bytes, after decompression.
    public var bytes: Int
    /// The most entries.
    public var entries: Int
    /// The most bytes of output per byte of compressed input, once ``ratioFloor`` is passed.
    public var ratio: Int
    /// The output up to which no ratio is held against it: small texts compress without bound.
    public var ratioFloor: Int

    /// Makes limits; the defaults hold a kernel source (1.5 GB, 90,000 files, ratio 10) many times over.
    public init(bytes: Int = 16 << 30, entries: Int = 2_000_000, ratio: Int = 200, ratioFloor: Int = 64 << 20) {
        self.bytes = bytes
        self.entries = entries
        self.ratio = max(ratio, 1)
        self.ratioFloor = ratioFloor
    }
}
