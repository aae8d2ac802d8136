import Bytes
public import Debian
public import Diagnostics
public import KernelSource
public import KernelTree
public import SystemPackage

/// A kernel source to import into a folder: the one a profile describes, or one named by its location.
public struct SourceImportRequest: Sendable {
    /// Which source.
    public enum Source: Sendable {
        /// The source a profile describes, with the profile's settings for the patches that the source brings.
        case profile(Profile)
        /// A source named by its location.
        case location(SourceLocation)

        /// Reads a source as a command line names it: a location if the text has the form of one or a file of that name
        /// exists, otherwise a profile's name.
        /// - Parameters:
        ///   - profiles: Opens the kit's profiles; called only for the name of a profile.
        ///   - resolve: Makes a path absolute.
        /// - Throws: `KernelTreeError`, ``PipelineError``, `YamlFault`, or what `profiles` throws.
        public static func parse(
            _ text: String, profiles: () throws -> ProfileStore, resolve: (FilePath) -> FilePath
        ) throws -> Source {
            let isLocation =
                text.hasPrefix("git:") || text.hasPrefix("debian:") || text.contains("/")
                || Files.exists(resolve(FilePath(text)))
            return isLocation
                ? .location(try SourceLocation.parse(text, resolve: resolve)) : .profile(try profiles().load(text))
        }
    }

    /// The source.
    public var source: Source
    /// The folder to make.
    public var folder: FilePath
    /// Gets packages from the machine's mirrors.
    public var fetcher: PackageFetcher
    /// Whether the patches that the source brings are applied even if no profile asks for it.
    public var appliesPatches = false
    /// Symbols for the guards of those patches; the profile's where `nil`.
    public var symbols: Set<String>?
    /// The fuzz of a spec's patches whose lines give none; the profile's where `nil`.
    public var specFuzz: Int?
    /// Macros that a spec finds defined.
    public var macros: [String: String] = [:]
    /// The upstream source of a spec or checkout that does not carry it.
    public var base: SourceLocation?
    /// The keyring a source package must be signed with; signatures are not checked where `nil`.
    public var keyring: FilePath?
    /// The environment of external tools.
    public var environment: [String: String] = [:]

    /// Asks for a source to be imported.
    public init(_ source: Source, into folder: FilePath, fetcher: PackageFetcher) {
        self.source = source
        self.folder = folder
        self.fetcher = fetcher
    }

    /// Imports the source: all of it, or nothing.
    /// - Throws: ``PipelineError/noSource(profile:hint:)`` for a profile whose source no mirror has, and what
    ///   `SourceImporter` throws.
    public func perform(progress: any ProgressSink) async throws -> ImportedTree {
        var importer = SourceImporter(fetcher: fetcher)
        let location: SourceLocation
        switch source {
        case .location(let named): location = named
        case .profile(let profile):
            location = try await profile.location(fetcher: fetcher, progress: progress)
            importer.adopt(profile.source)
        }
        if appliesPatches { importer.appliesPatches = true }
        if let symbols { importer.symbols = symbols }
        if let specFuzz { importer.specFuzz = specFuzz }
        importer.macros = macros
        importer.base = base
        importer.keyring = keyring
        importer.environment = environment
        return try await importer.importTree(from: location, into: folder, progress: progress)
    }
}

extension Profile {
    /// The package of the machine's mirrors that the profile describes, the newest where it gives a pattern.
    /// - Throws: ``PipelineError/noSource(profile:hint:)`` where no mirror has the source, or `PackagesError`.
    func location(fetcher: PackageFetcher, progress: any ProgressSink) async throws -> SourceLocation {
        if let suite = source.suite, let name = source.sourcePackage {
            return .debianSource(PackageRequest(name), suite: suite)
        }
        let (package, suite) = try await package(fetcher: fetcher, progress: progress)
        return .package(package, suite: suite)
    }

    /// The `linux-source` package that the profile describes.
    func package(
        fetcher: PackageFetcher, progress: any ProgressSink
    ) async throws -> (PackageRequest, suite: String) {
        guard let suite = source.suite, let name = source.package else { throw noSource }
        guard let pattern = PackagePattern(name) else { return (PackageRequest(name), suite) }
        let newest = try await fetcher.newest(pattern, named: name, suite: suite, progress: progress)
        return (PackageRequest(newest), suite)
    }
}
