import Bytes
import KernelModel
public import KernelSource
public import SystemPackage

extension Profile {
    /// Why the source cannot be downloaded, with the file to get.
    public var noSource: PipelineError {
        var wanted = (source.files ?? []).prefix(1).map(\.wanted)
        if let base = source.base { wanted.append("with its upstream source, \(base.wanted), beside it or in it") }
        if wanted.isEmpty, let hint = source.hint { return .noSource(profile: name, hint: hint) }
        let hint = wanted.joined(separator: ", ") + (source.hint.map { " (\($0))" } ?? "")
        return .noSource(profile: name, hint: wanted.isEmpty ? nil : hint)
    }

    /// Refuses a source of another version of Linux than the profile is for.
    /// - Throws: ``PipelineError/wrongVersion(source:found:profile:wanted:)``.
    package func requireVersion(_ found: KernelVersion, of origin: String) throws(PipelineError) {
        guard let text = source.version, let wanted = KernelVersion(text) else { return }
        guard found.isRelease(of: wanted) else {
            throw .wrongVersion(source: origin, found: found.description, profile: name, wanted: text)
        }
    }

    /// Holds a file given as the source, and the upstream source that lies beside it or in it, against the checksums that
    /// the profile states for files of their names.
    /// - Throws: ``PipelineError/wrongSource(_:expected:)`` or `BytesError`.
    public func check(_ path: FilePath) throws {
        let named = ((source.files ?? []) + [source.base].compactMap(\.self)).first {
            $0.name == path.lastComponent?.string
        }
        try Self.check(path, named)
        guard let base = source.base else { return }
        try Self.check(path.removingLastComponent().pushing(FilePath(base.name)), base)
        try Self.check(path.pushing(FilePath(base.name)), base)
    }

    private static func check(_ path: FilePath, _ file: File?) throws {
        guard let expected = file?.sha256, Files.isRegular(path) else { return }
        guard try Digest(ofFile: path).hex == expected else {
            throw PipelineError.wrongSource(path, expected: expected)
        }
    }
}

extension Profile.File {
    /// The file and where it is published.
    var wanted: String { name + (address.map { " (\($0))" } ?? "") }
}

extension SourceImporter {
    /// Takes over what a profile says on the patches that a source brings.
    public mutating func adopt(_ source: Profile.Source) {
        appliesPatches = source.patched ?? false
        symbols = Set(source.guards ?? [])
        specFuzz = source.fuzz ?? 0
    }
}
