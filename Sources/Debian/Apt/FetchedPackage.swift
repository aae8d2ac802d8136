public import Bytes
public import SystemPackage

/// A package in the version a suite offers, not necessarily downloaded.
public struct AvailablePackage: Sendable, Equatable {
    /// The package's name.
    public let name: String
    /// Its version, with epoch where it has one.
    public let version: String
    /// The suite it was looked up in.
    public let suite: String
    /// Where it is on the mirror.
    public let uri: String
    /// The file's name as apt stores it.
    public let fileName: String
    /// The file's length in bytes.
    public let size: Int
    /// Its SHA-256 by the suite's signed index.
    public let digest: Digest
}

/// A downloaded package whose file has the checksum of the signed index.
public struct FetchedPackage: Sendable, Equatable {
    /// The package's name.
    public let name: String
    /// Its version, with epoch where it has one.
    public let version: String
    /// The suite it was asked of.
    public let suite: String
    /// The `.deb` file.
    public let path: FilePath
    /// Its SHA-256, checked after the download.
    public let digest: Digest
    /// Whether it was there already and nothing was downloaded.
    public let reused: Bool
}
