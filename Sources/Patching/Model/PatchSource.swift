/// A patch of a series that is read only when it is needed.
public struct PatchSource: Sendable {
    /// How it is called in reports and errors.
    public let name: String
    /// How many leading folders file names lose (`-p`).
    public let strip: Int
    /// Whether it is reverted instead of applied (`-R`).
    public let reverse: Bool
    /// A name for the patch file's content as it is now, if there is one without reading it.
    let identity: @Sendable () -> ContentIdentity?
    /// Reads the patch file, and names what it has read.
    let load: @Sendable () throws -> (content: Blob, identity: ContentIdentity?)

    /// Describes a patch.
    /// - Parameters:
    ///   - identity: Asked before `load` and at the end: what has changed meanwhile gives no verdict. Called from several
    ///     threads, as `load` is.
    ///   - load: The patch file, decompressed, and the identity of the file that was read.
    public init(
        name: String, strip: Int = 1, reverse: Bool = false,
        identity: @escaping @Sendable () -> ContentIdentity? = { nil },
        load: @escaping @Sendable () throws -> (content: Blob, identity: ContentIdentity?)
    ) {
        self.name = name
        self.strip = strip
        self.reverse = reverse
        self.identity = identity
        self.load = load
    }

    /// A patch that is in memory already.
    public init(_ input: PatchInput) {
        self.init(name: input.name, strip: input.strip, reverse: input.reverse) { (input.blob, nil) }
    }

    /// Reads it and takes it apart.
    func parse(_ reading: PatchReading) throws -> (patch: ParsedPatch, identity: ContentIdentity?) {
        let (content, identity) = try load()
        return (try ParsedPatch.parse(content, name: name, strip: strip, reading: reading), identity)
    }

    /// Holds a patch file that is mapped against what was read of it: a verdict on something else would be none. What was
    /// copied has not changed.
    /// - Throws: ``PatchError``.
    func check(_ patch: ParsedPatch, _ identity: ContentIdentity?) throws {
        if let identity, patch.blob.isMapped, self.identity() != identity {
            throw PatchError(patch: name, line: 1, problem: .changedMeanwhile)
        }
    }
}
