/// A way to write down a series of patches.
public enum SeriesDialect: String, Sendable, CaseIterable {
    /// A quilt `series` file.
    case quilt
    /// `debian/patches/series` as dpkg-source reads it (format 3.0 quilt).
    case debian
    /// `debian/patches/series/REVISION` of Debian's kernel packages up to 2.6.32 (format 1.0): `+`, `-` and `X` lines.
    case lenny
    /// `series.conf` of openSUSE's kernel-source, with guards.
    case suse
    /// A folder of `git format-patch` files, or a mailbox.
    case git
    /// An RPM spec file with its sources, or a source package.
    case rpm
    /// A single patch file.
    case patch

    /// The dialects that a series can be written in.
    public static let written: [SeriesDialect] = [.quilt, .debian, .suse, .rpm]
}
