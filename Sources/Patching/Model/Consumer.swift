/// Who applies patches, and so whose rules of placement hold: the names that `--like` and a profile's `like` take.
public enum Consumer: String, Sendable, Codable, CaseIterable {
    /// quilt(1).
    case quilt
    /// The kernel-source scripts of SUSE.
    case suse
    /// dpkg-source(1), format 3.0 (quilt).
    case dpkg
    /// rpmbuild(8) since 4.6.
    case rpm
    /// git-apply(1).
    case git
    /// GNU patch(1) without options.
    case gnu

    /// Its rules.
    public var policy: PlacementPolicy {
        switch self {
        case .quilt: .quilt
        case .suse: .suse
        case .dpkg: .dpkg
        case .rpm: .rpm
        case .git: .git
        case .gnu: .gnu
        }
    }
}
