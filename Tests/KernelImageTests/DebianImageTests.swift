import Bytes
import Foundation
import KernelImage
import SystemPackage
import TestSupport
import Testing

/// Debian's own kernels, fetched with the machine's apt; `DOM0KIT_TEST_IMAGES` may name a folder with `vmlinuz-*` files.
@Suite struct DebianImageTests {
    /// The folder where fetched images stay between runs.
    static let cache = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        .appending(".build").appending("test-images")

    /// The image of a kernel package (`amd64`, `cloud-amd64`, `rt-amd64`) of the machine's own Debian release.
    static func image(_ flavour: String) throws -> FilePath {
        guard let listing = output("apt-cache", ["depends", "linux-image-\(flavour)"]),
            let line = String(decoding: listing, as: UTF8.self).split(separator: "\n")
                .first(where: { $0.contains("Depends: linux-image-") }),
            let package = line.split(separator: " ").last.map(String.init)
        else { try Test.cancel("apt knows no linux-image-\(flavour) here") }
        let version = package.dropFirst("linux-image-".count)
        let image = cache.pushing("boot").appending("vmlinuz-\(version)")
        if Files.isRegular(image) { return image }
        try Files.createDirectories(cache)
        guard output("apt-get", ["-q", "download", package], in: cache.string) != nil,
            let deb = try Files.list(cache).first(where: { $0.hasPrefix(package + "_") }),
            output(
                "sh", ["-c", "dpkg-deb --fsys-tarfile \(deb) | tar -x ./boot && rm -f \(deb)"], in: cache.string) != nil
        else { try Test.cancel("\(package) cannot be fetched here") }
        return image
    }

    /// The values `readelf -n` prints for the notes of owner Xen, in its order.
    static func readelf(_ image: FilePath) throws -> [String]? {
        let folder = try Scratch()
        guard let tree = output("sh", ["-c", "command -v readelf"]), !tree.isEmpty else { return nil }
        // The image's payload, taken out with the tools of the shell.
        let elf = folder.path.appending("vmlinux").string
        let script = """
            python3 - '\(image.string)' '\(elf)' <<'END'
            import struct, subprocess, sys
            data = open(sys.argv[1], 'rb').read()
            offset, length = struct.unpack_from('<II', data, 0x248)
            start = (data[0x1f1] + 1) * 512 + offset
            payload = data[start:start + length - 4]
            tool = {0xfd: ['xz', '-dc'], 0x28: ['zstd', '-dc'], 0x02: ['lz4', '-dc'], 0x1f: ['gzip', '-dc']}[payload[0]]
            if payload[0] == 0x1f: payload = data[start:start + length]
            open(sys.argv[2], 'wb').write(subprocess.run(tool, input=payload, stdout=subprocess.PIPE).stdout)
            END
            readelf -nW '\(elf)'
            """
        guard let text = output("sh", ["-c", script]) else { return nil }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("  Xen ") }.map(
            String.init)
    }

    @Test(arguments: [("amd64", true), ("rt-amd64", true), ("cloud-amd64", false)])
    func kernels(flavour: String, isDom0: Bool) throws {
        let image = try Self.image(flavour)
        let facts = try KernelImageInspector.inspect(image)
        #expect(facts.image.format == "bzImage")
        #expect(image.string.hasSuffix(facts.image.version ?? "?"))
        #expect(facts.dom0.pv.supported == isDom0, "\(facts.dom0.pv.reasons)")
        if !isDom0 {
            #expect(
                facts.dom0.pv.reasons.contains { $0.contains("CONFIG_XEN_DOM0 is off") }, "\(facts.dom0.pv.reasons)")
        }
        #expect(facts.xen.notes["GUEST_OS"] == "linux")
    }

    @Test(arguments: ["amd64", "cloud-amd64"]) func readelfAgrees(flavour: String) throws {
        let image = try Self.image(flavour)
        guard let oracle = try Self.readelf(image), !oracle.isEmpty else {
            try Test.cancel("readelf, python3 or the decompressor is not on this machine")
        }
        let facts = try KernelImageInspector.inspect(image)
        #expect(oracle.count == facts.xen.notes.count, "\(oracle)")
    }

    @Test func namedFolder() throws {
        guard let folder = ProcessInfo.processInfo.environment["DOM0KIT_TEST_IMAGES"] else {
            try Test.cancel("DOM0KIT_TEST_IMAGES is not set")
        }
        for name in try Files.list(FilePath(folder)) where name.hasPrefix("vmlinu") {
            let facts = try KernelImageInspector.inspect(FilePath(folder).appending(name))
            #expect(facts.dom0.pv.supported == !name.contains("cloud"))
        }
    }
}
