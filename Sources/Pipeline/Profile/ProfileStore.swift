import Bytes
import Debian
import Diagnostics
import Hypervisor
public import Kconfig
public import SystemPackage
import Yaml

/// The profiles of a data folder.
public struct ProfileStore: Sendable {
    /// The folder with `Profiles` and `Patches` in it.
    public let data: FilePath

    /// Opens a data folder.
    public init(data: FilePath) { self.data = data }

    private var folder: FilePath { data.appending("Profiles") }

    /// The names of all profiles, sorted.
    /// - Throws: `BytesError`.
    public func names() throws -> [String] {
        try Files.list(folder).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
    }

    /// Reads one profile and checks it as a whole.
    /// - Throws: ``PipelineError/unknownProfile(name:near:all:)`` or ``PipelineError/malformedProfile(_:)``; `BytesError`
    ///   where a file cannot be read.
    public func load(_ name: String) throws -> Profile {
        let known = try names()
        guard known.contains(name) else {
            throw PipelineError.unknownProfile(name: name, near: Suggestions.near(name, among: known), all: known)
        }
        let path = folder.appending(name + ".yaml")
        let bytes = try Files.read(path)
        let hypervisors = HypervisorStore(data: data)
        do {
            let reader = ProfileReader(
                data: data, hypervisors: Files.isDirectory(hypervisors.folder) ? try hypervisors.names() : [],
                suites: try DebianSuites.load(data: data))
            return try reader.read(bytes, file: path, name: name)
        } catch let error as YamlFault {
            throw PipelineError.malformedProfile(error)
        }
    }

    /// A profile's file that cannot be used.
    public struct Damage: Sendable, Equatable, Encodable {
        /// The file.
        public let file: String
        /// The line, from 1, where one is to blame.
        public let line: Int?
        /// What is wrong, with file and line.
        public let message: String
    }

    /// Reads every profile; one that is damaged does not keep the others from being read.
    /// - Throws: `BytesError` where the folder cannot be read.
    public func loadAll() throws -> (profiles: [Profile], damaged: [Damage]) {
        var profiles: [Profile] = []
        var damaged: [Damage] = []
        for name in try names() {
            do {
                profiles.append(try load(name))
            } catch PipelineError.malformedProfile(let fault) {
                let message = fault.message + (fault.remedy.map { "; \($0)" } ?? "")
                damaged.append(Damage(file: fault.file.string, line: fault.line, message: message))
            } catch let error as BytesError {
                damaged.append(Damage(file: error.path.string, line: nil, message: error.message))
            }
        }
        return (profiles, damaged)
    }

    /// The kit's sets of dom0 requirements, one for each architecture and era.
    /// - Throws: `BytesError`, `KconfigError`.
    public func requirements() throws -> [Dom0Requirements] {
        let folder = folder.appending("requirements")
        return try Files.list(folder).filter { $0.hasSuffix(".yaml") }.map { name in
            try Dom0Requirements.load(file: folder.appending(name))
        }
    }

    /// A file or folder of the data folder; absolute ones stay as they are.
    public func resolve(_ name: String) -> FilePath { DataFile(name, in: data).path }
}
