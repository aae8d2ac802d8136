import Bytes

/// What a verification leaves for the next one: patches by the identity of their files, and the outcomes of groups of
/// files by the content of their patches and the identities of the tree's files.
///
/// It only ever saves work. Where anything is not certain to be as it was (another content, another engine, a file that
/// was changed within the resolution of its times) it says nothing, and the work is done again.
public struct VerificationMemory: Sendable {
    /// A patch file, read with a strip level and by somebody's rules.
    struct PatchKey: Sendable, Hashable {
        let identity: ContentIdentity
        let strip: Int
        let reading: PatchReading
    }

    /// A patch file without its hunks.
    struct Patch: Sendable {
        let digest: Fingerprint
        let outline: ParsedPatch
    }

    var patches: [PatchKey: Patch] = [:]
    /// Outcomes without failures, by ``key(_:_:_:_:)``.
    var outcomes: [Fingerprint: [FileGroupPatcher.Outcome]] = [:]
    /// Whether there is more in it than in the one it was made from.
    var isChanged = false

    /// Nothing is remembered.
    public init() {}

    /// Everything that the outcome of a group depends on beside the tree.
    /// - Parameter policy: The whole policy, as text.
    static func key(
        _ entries: ArraySlice<FileGroups.Entry>, _ digests: [Fingerprint], _ sources: [PatchSource], _ policy: [UInt8]
    ) -> Fingerprint {
        var hash = DigestStream(.sha256)
        var text = MemoryWriter()
        text.text(policy)
        for entry in entries {
            text.fingerprint(digests[entry.patch])
            text.number(sources[entry.patch].strip)
            text.number(sources[entry.patch].reverse ? 1 : 0)
            text.number(entry.file)
        }
        hash.update(text.bytes)
        return Fingerprint(hash.finishBytes())
    }
}

extension Blob {
    /// The SHA-256 of the bytes.
    var fingerprint: Fingerprint {
        var hash = DigestStream(.sha256)
        withUnsafeBytes { hash.update($0) }
        return Fingerprint(hash.finishBytes())
    }
}
