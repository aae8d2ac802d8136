import Bytes
import Debian
public import SystemPackage

/// The test hypervisors of a data folder: `Profiles/hypervisors/NAME.yaml`.
public struct HypervisorStore: Sendable {
    /// The folder with the descriptions.
    public let folder: FilePath
    private let data: FilePath

    /// Opens a data folder.
    /// - Parameter data: The folder that has `Profiles` in it.
    public init(data: FilePath) {
        self.data = data
        folder = data.appending("Profiles").appending("hypervisors")
    }

    /// The names of all test hypervisors, sorted.
    /// - Throws: `BytesError`.
    public func names() throws -> [String] {
        try Files.list(folder).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
    }

    /// Reads one description and checks it as a whole.
    /// - Throws: ``HypervisorError/unknown(name:known:)`` or ``HypervisorError/malformedDescription(_:)``; `BytesError`
    ///   where it cannot be read.
    public func load(_ name: String) throws -> HypervisorDescription {
        let known = try names()
        guard known.contains(name) else { throw HypervisorError.unknown(name: name, known: known) }
        let path = folder.appending(name + ".yaml")
        return try HypervisorDescription.parse(
            try Files.read(path), path: path, name: name, suites: try DebianSuites.load(data: data))
    }
}
