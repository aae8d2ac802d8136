public import SystemPackage

/// A package the test host was made of.
public struct HostPackage: Sendable, Codable, Equatable {
    /// Its name.
    public let name: String
    /// Its Debian version.
    public let version: String
    /// The SHA-256 of the `.deb`.
    public let sha256: String

    /// Names a package.
    public init(name: String, version: String, sha256: String) {
        self.name = name
        self.version = version
        self.sha256 = sha256
    }
}

/// Where the packages of a test hypervisor come from.
public protocol PackageProvider: Sendable {
    /// Gets packages, checks them and unpacks them all into one folder.
    /// - Parameters:
    ///   - packages: Their names; nothing is added to them.
    ///   - suite: The Debian release, such as `bookworm`.
    ///   - folder: An empty folder that becomes their root.
    /// - Returns: The packages, in the order asked for.
    func unpack(_ packages: [String], suite: String, into folder: FilePath) async throws -> [HostPackage]
}
