import Archive
import CXen
public import SystemPackage

/// Reads kernel images.
public enum KernelImageInspector {
    /// What an image is and what Xen would make of it. The image is neither trusted nor run.
    /// - Parameter path: A bzImage, a vmlinux or a compressed vmlinux.
    /// - Throws: ``ImageError`` where it is not a kernel image, is damaged or cannot be decompressed. A kernel that is not a
    ///   dom0 is not an error: the facts say so.
    public static func inspect(_ path: FilePath) throws(ImageError) -> ImageFacts {
        let image = try BootImage(path: path)
        guard !image.elf.isEmpty else { return tooOld(image) }
        guard let elf = ElfImage(image.elf) else {
            throw .malformed(path, reason: "its ELF file cannot be read")
        }
        let parameters = XenParameters(elf)
        let banner = KernelStrings.banner(image.elf)
        let version = (image.headerVersion ?? banner).map(KernelStrings.release)
        let (config, damage) = KernelStrings.embeddedConfig(image.elf, path: path)
        let rules = Dom0Rules(
            elf: elf, parameters: parameters, compression: image.compression,
            code: Dom0Code(
                elf: image.elf, version: version, configuration: config,
                claims: (
                    dom0: parameters.features.supported.contains(Int(XENFEAT_dom0)),
                    pvh: parameters.features.supported.contains(Int(XENFEAT_linux_rsdp_unrestricted))
                )), trailer: image.wrongTrailer, damagedConfiguration: damage)
        return ImageFacts(
            image: ImageFacts.Image(
                format: image.format, compression: image.compression,
                version: version,
                bootProtocol: image.protocolVersion.map(Self.bootProtocol),
                banner: image.headerVersion ?? banner, kernelSize: image.elf.count),
            xen: ImageFacts.Xen(
                source: parameters.source.rawValue, notes: parameters.shown, features: features(parameters.features)),
            dom0: ImageFacts.Dom0(pv: rules.pv(), pvh: rules.pvh()),
            embeddedConfig: config)
    }

    /// A bzImage of a protocol in which Xen cannot find the kernel.
    private static func tooOld(_ image: BootImage) -> ImageFacts {
        let shown = bootProtocol(image.protocolVersion ?? 0)
        let refused = Dom0Acceptance(
            reasons: ["its boot protocol is \(shown); Xen loads a bzImage from 2.08 on, else a vmlinux"], caveats: [])
        return ImageFacts(
            image: ImageFacts.Image(
                format: image.format, compression: image.compression,
                version: image.headerVersion.map(KernelStrings.release), bootProtocol: shown,
                banner: image.headerVersion, kernelSize: 0),
            xen: ImageFacts.Xen(source: XenParameters.Source.none.rawValue, notes: [:], features: []),
            dom0: ImageFacts.Dom0(pv: refused, pvh: refused))
    }

    /// `2.15` of 0x020f.
    private static func bootProtocol(_ version: Int) -> String {
        let minor = version & 0xff
        return "\(version >> 8).\(minor < 10 ? "0" : "")\(minor)"
    }

    private static func features(_ features: XenFeatures.Parsed) -> [String] {
        features.supported.sorted().map { bit in
            (features.required.contains(bit) ? "!" : "") + (XenFeatures.names[bit] ?? "bit \(bit)")
        }
    }
}
