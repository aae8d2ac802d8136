/// What a kernel image is, and what Xen would make of it.
public struct ImageFacts: Sendable, Codable, Equatable {
    /// The container.
    public struct Image: Sendable, Codable, Equatable {
        /// `bzImage`, `vmlinux` (ELF) or `vmlinuz` (a compressed ELF file).
        public let format: String
        /// `none`, `gzip`, `bzip2`, `lzma`, `xz`, `lzo`, `lz4`, `zstd`; `unknown` where the image is too old to tell.
        public let compression: String
        /// The kernel release, such as `6.1.0-56-amd64`; `nil` where the image does not say it.
        public let version: String?
        /// The boot protocol of a bzImage, such as `2.15`.
        public let bootProtocol: String?
        /// The whole banner after the release: who built it and when.
        public let banner: String?
        /// The length of the ELF file in bytes.
        public let kernelSize: Int
    }

    /// What the kernel tells Xen.
    public struct Xen: Sendable, Codable, Equatable {
        /// `notes`, `__xen_guest` or `none`.
        public let source: String
        /// Each note or key by its name (without `XEN_ELFNOTE_`), numbers in hexadecimal digits.
        public let notes: [String: String]
        /// The features it supports, by name, in the order of their bits; `!` before those it requires.
        public let features: [String]
    }

    /// Whether Xen would take it as dom0.
    public struct Dom0: Sendable, Codable, Equatable {
        /// As PV dom0.
        public let pv: Dom0Acceptance
        /// As PVH dom0.
        public let pvh: Dom0Acceptance
    }

    /// The container.
    public let image: Image
    /// What the kernel tells Xen.
    public let xen: Xen
    /// Whether Xen would take it as dom0.
    public let dom0: Dom0
    /// The `.config` embedded in the kernel (`CONFIG_IKCONFIG`), as text; `nil` where there is none. Not part of the
    /// encoded form.
    public var embeddedConfig: [UInt8]?

    private enum CodingKeys: String, CodingKey { case image, xen, dom0 }
}
