import Bytes
import Diagnostics
import Foundation
import KernelImage
import SystemPackage
import TestSupport
import Testing

@Suite struct KernelImageInspectorTests {
    func inspect(_ content: [UInt8]) throws -> ImageFacts {
        let folder = try Scratch()
        return try KernelImageInspector.inspect(try folder.file("image", content))
    }

    @Test func dom0OfBothKinds() throws {
        let facts = try inspect(ElfBuilder.dom0().bytes)
        #expect(facts.image.format == "vmlinux")
        #expect(facts.image.compression == "none")
        #expect(facts.image.version == "6.1.0-test")
        #expect(facts.image.bootProtocol == nil)
        #expect(facts.xen.source == "notes")
        #expect(facts.xen.notes.count == 16)
        #expect(facts.xen.notes["ENTRY"] == "0xffffffff81000040")
        #expect(facts.xen.notes["L1_MFN_VALID"] == "0x1 0x1")
        #expect(facts.xen.notes["GUEST_OS"] == "linux")
        #expect(
            facts.xen.features == ["!writable_page_tables", "gnttab_map_avail_bits", "dom0", "linux_rsdp_unrestricted"])
        #expect(facts.dom0.pv.supported, "\(facts.dom0.pv.reasons)")
        #expect(facts.dom0.pvh.supported, "\(facts.dom0.pvh.reasons)")
        #expect(facts.dom0.pv.caveats.isEmpty)
    }

    @Test func notesInASectionCount() throws {
        var elf = ElfBuilder.dom0()
        elf.notesInSection = true
        let facts = try inspect(elf.bytes)
        #expect(facts.xen.notes.count == 16)
        #expect(facts.dom0.pv.supported)
    }

    @Test func notesOfOthersDoNotCount() throws {
        var elf = ElfBuilder()
        elf.notes = [("GNU", 3, [1, 2, 3, 4]), ("Linux", 18, [0, 0, 0, 0])]
        let facts = try inspect(elf.bytes)
        #expect(facts.xen.source == "none")
        #expect(!facts.dom0.pv.supported)
        #expect(facts.dom0.pv.reasons.first?.contains("no Xen notes") == true)
        #expect(facts.dom0.pvh.reasons.first?.contains("PHYS32_ENTRY") == true)
    }

    /// Each change to a good kernel, the reason it must give, and the modes it must stop.
    @Test(arguments: [
        (17, "dom0 bit", true, true), (1, "ENTRY", true, false), (18, "PHYS32_ENTRY", false, true),
        (3, "VIRT_BASE", true, false), (5, "xen-3.0", true, false),
    ]) func withoutANote(type: UInt32, reason: String, stopsPV: Bool, stopsPVH: Bool) throws {
        var elf = ElfBuilder.dom0()
        elf.drop(type)
        if type == 17 { elf.note(17, 0x81, size: 4) }
        let facts = try inspect(elf.bytes)
        #expect(facts.dom0.pv.supported != stopsPV, "\(facts.dom0.pv)")
        #expect(facts.dom0.pvh.supported != stopsPVH, "\(facts.dom0.pvh)")
        let reasons = facts.dom0.pv.reasons + facts.dom0.pvh.reasons
        #expect(reasons.contains { $0.contains(reason) }, "\(reasons)")
    }

    @Test func withoutSupportedFeaturesXenTakesItsWord() throws {
        var elf = ElfBuilder.dom0()
        elf.drop(17)
        let facts = try inspect(elf.bytes)
        #expect(facts.dom0.pv.supported)
        #expect(facts.dom0.pv.caveats.contains { $0.contains("SUPPORTED_FEATURES") })
    }

    /// The dom0 bit of kernels before 6.12 says nothing: their code has to tell.
    @Test(arguments: [
        ("6.1.0-test", "Booting paravirtualized kernel", "CONFIG_XEN_DOM0 is off"),
        ("6.1.0-test", "", "cannot be told"),
        ("6.12.1-test", "Booting paravirtualized kernel", nil), ("2.6.32-xen", "", nil),
    ]) func theDom0BitIsChecked(version: String, message: String, reason: String?) throws {
        var elf = ElfBuilder.dom0()
        elf.content = Array("Linux version \(version) (b@h) #1\n\0\(message)\0".utf8)
        let facts = try inspect(elf.bytes)
        for acceptance in [facts.dom0.pv, facts.dom0.pvh] {
            #expect(acceptance.supported == (reason == nil), "\(acceptance.reasons)")
            if let reason { #expect(acceptance.reasons.contains { $0.contains(reason) }, "\(acceptance.reasons)") }
        }
        #expect(facts.dom0.pv.caveats.isEmpty == (version != "2.6.32-xen"))
    }

    /// A PVH entry point for other hypervisors is none for Xen.
    @Test func pvhEntryWithoutXenCode() throws {
        var elf = ElfBuilder.dom0()
        elf.content = Array(
            "Linux version 6.1.0 (b@h)\n\0Booting paravirtualized kernel\0passthrough or MSI/MSI-X might fail!\0".utf8)
        var facts = try inspect(elf.bytes)
        #expect(facts.dom0.pv.supported)
        #expect(facts.dom0.pvh.reasons.contains { $0.contains("CONFIG_XEN_PVH is off") }, "\(facts.dom0.pvh.reasons)")
        elf.content = Array("Linux version 6.12.0 (b@h)\n\0passthrough or MSI/MSI-X might fail!\0".utf8)
        facts = try inspect(elf.bytes)
        #expect(facts.dom0.pvh.supported)
        elf.drop(17)
        elf.note(17, 0x881, size: 4)
        #expect(try !inspect(elf.bytes).dom0.pvh.supported)
    }

    /// Linux writes FEATURES without a zero byte; Xen reads on into the padding.
    @Test func unterminatedText() throws {
        var elf = ElfBuilder.dom0()
        elf.drop(10)
        elf.notes.append(("Xen", 10, Array("!writable_page_tables|pae_pgdir_above_4gb".utf8)))
        let facts = try inspect(elf.bytes)
        #expect(facts.xen.notes["FEATURES"] == "!writable_page_tables|pae_pgdir_above_4gb")
        #expect(facts.xen.features.contains("pae_pgdir_above_4gb"))
    }

    @Test func unknownRequiredFeatureAbortsTheLoad() throws {
        var elf = ElfBuilder.dom0()
        elf.drop(10)
        elf.note(10, "writable_page_tables|frobnicate|!warp_drive")
        let facts = try inspect(elf.bytes)
        #expect(facts.dom0.pv.reasons.contains { $0.contains("'warp_drive'") })
        #expect(facts.dom0.pvh.reasons.contains { $0.contains("'warp_drive'") })
        elf.drop(10)
        elf.note(10, "writable_page_tables|frobnicate")
        #expect(try inspect(elf.bytes).dom0.pv.supported)
    }

    @Test func supervisorModeIsRefusedForPV() throws {
        var elf = ElfBuilder.dom0()
        elf.drop(10)
        elf.note(10, "!supervisor_mode_kernel")
        let facts = try inspect(elf.bytes)
        #expect(facts.dom0.pv.reasons.contains { $0.contains("supervisor") })
        #expect(facts.dom0.pvh.supported)
    }

    @Test func addressesOutOfBounds() throws {
        var elf = ElfBuilder.dom0()
        elf.drop(1)
        elf.note(1, 0xffff_ffff_9100_0040)
        #expect(try inspect(elf.bytes).dom0.pv.reasons.contains { $0.contains("out of bounds") })
        elf = ElfBuilder.dom0()
        elf.drop(18)
        elf.note(18, 0x500)
        #expect(try inspect(elf.bytes).dom0.pvh.reasons.contains { $0.contains("outside the kernel") })
        elf = ElfBuilder.dom0()
        elf.drop(15)
        elf.note(15, 0xffff_ffff_8100_2000)
        #expect(try inspect(elf.bytes).dom0.pv.reasons.contains { $0.contains("INIT_P2M") })
    }

    @Test func thirtyTwoBitKernelsNeedPAE() throws {
        var elf = ElfBuilder()
        elf.is64Bit = false
        elf.machine = 3
        elf.note(6, "linux")
        elf.note(5, "xen-3.0")
        elf.note(3, 0xc000_0000, size: 4)
        elf.note(1, 0xc100_0040, size: 4)
        elf.note(4, 0, size: 4)
        #expect(try inspect(elf.bytes).dom0.pv.reasons == ["it is a 32-bit kernel without PAE"])
        elf.note(9, "yes")
        let facts = try inspect(elf.bytes)
        #expect(facts.dom0.pv.supported, "\(facts.dom0.pv.reasons)")
        #expect(facts.dom0.pv.caveats.contains { $0.contains("PV32") })
    }

    @Test func legacySection() throws {
        var elf = ElfBuilder()
        elf.physical = 0xffff_ffff_8010_0000
        elf.entry = 0xffff_ffff_8010_0000
        elf.xenGuest =
            "GUEST_OS=linux,GUEST_VER=2.6,XEN_VER=xen-3.0,VIRT_BASE=0xffffffff80000000,HYPERCALL_PAGE=0x102,"
            + "FEATURES=writable_page_tables|writable_descriptor_tables,LOADER=generic"
        let facts = try inspect(elf.bytes)
        #expect(facts.xen.source == "__xen_guest")
        #expect(facts.xen.notes["XEN_VER"] == "xen-3.0")
        #expect(facts.dom0.pv.supported, "\(facts.dom0.pv.reasons)")
        #expect(!facts.dom0.pvh.supported)
        // Notes win over the section.
        elf.notes = ElfBuilder.dom0().notes
        #expect(try inspect(elf.bytes).xen.source == "notes")
    }

    @Test(arguments: [
        ("gzip", "gzip", ["-9nc"], false), ("bzip2", "bzip2", ["-9c"], true),
        ("xz", "xz", ["-c", "--check=crc32"], true),
        ("lzma", "xz", ["-c", "--format=lzma"], true), ("zstd", "zstd", ["-qc"], true), ("lz4", "lz4", ["-lc"], true),
    ]) func bzImages(compression: String, tool: String, arguments: [String], appendsSize: Bool) throws {
        let elf = ElfBuilder.dom0().bytes
        guard var payload = output(tool, arguments, input: elf) else {
            try Test.cancel("the tool \(tool) is not on this machine")
        }
        if appendsSize { payload += ElfBuilder.little(UInt64(elf.count), 4) }
        let facts = try inspect(ElfBuilder.bzImage(payload))
        #expect(facts.image.format == "bzImage")
        #expect(facts.image.compression == compression)
        #expect(facts.image.bootProtocol == "2.15")
        #expect(facts.image.version == "6.1.0-test")
        #expect(facts.image.kernelSize == elf.count)
        #expect(facts.dom0.pv.supported)
        #expect(facts.dom0.pv.caveats.isEmpty == (compression != "zstd"))
        // A size that is not the size.
        if appendsSize {
            let wrong = payload.dropLast(4) + ElfBuilder.little(UInt64(elf.count) - 8, 4)
            #expect(throws: ImageError.self) { try inspect(ElfBuilder.bzImage(Array(wrong))) }
            let more = payload.dropLast(4) + ElfBuilder.little(UInt64(elf.count) + 8, 4)
            #expect(throws: ImageError.self) { try inspect(ElfBuilder.bzImage(Array(more))) }
        }
        // Cut short anywhere.
        let image = ElfBuilder.bzImage(payload)
        for length in stride(from: 1, to: image.count - 100, by: 37) {
            #expect(throws: ImageError.self) { try inspect(Array(image[..<length])) }
        }
    }

    @Test func bareElfInBzImage() throws {
        let facts = try inspect(ElfBuilder.bzImage(ElfBuilder.dom0().bytes))
        #expect(facts.image.compression == "none")
        #expect(facts.dom0.pv.supported)
    }

    @Test func compressedVmlinux() throws {
        guard let file = output("gzip", ["-9nc"], input: ElfBuilder.dom0().bytes) else {
            try Test.cancel("the tool gzip is not on this machine")
        }
        let facts = try inspect(file)
        #expect(facts.image.format == "vmlinuz")
        #expect(facts.image.compression == "gzip")
        #expect(facts.image.version == "6.1.0-test")
    }

    @Test func oldBootProtocolIsRefusedLikeXenDoes() throws {
        let facts = try inspect(ElfBuilder.bzImage([1, 2, 3, 4, 5], protocolVersion: 0x206))
        #expect(facts.image.bootProtocol == "2.06")
        #expect(facts.dom0.pv.reasons.contains { $0.contains("2.08") })
        #expect(!facts.dom0.pvh.supported)
    }

    @Test func lzoIsNamed() throws {
        let error = #expect(throws: ImageError.self) {
            try inspect(ElfBuilder.bzImage([0x89, 0x4c, 0x5a, 0x4f, 0, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0]))
        }
        #expect(error?.message.contains("lzo") == true)
    }

    @Test func embeddedConfiguration() throws {
        let text = Array("CONFIG_XEN=y\nCONFIG_XEN_DOM0=y\nCONFIG_XEN_PVH=y\n".utf8)
        guard let packed = output("gzip", ["-9nc"], input: text) else {
            try Test.cancel("the tool gzip is not on this machine")
        }
        var elf = ElfBuilder.dom0()
        // The mark alone is code that looks for it.
        elf.content += Array("IKCFG_ST no IKCFG_ST".utf8) + packed + Array("IKCFG_ED".utf8)
        #expect(try inspect(elf.bytes).embeddedConfig == text)
        elf.content.removeLast(12)
        let damaged = try inspect(elf.bytes)
        #expect(damaged.embeddedConfig == nil)
        #expect(damaged.dom0.pv.caveats.contains { $0.contains("has no end") })
        #expect(try inspect(ElfBuilder.dom0().bytes).embeddedConfig == nil)
    }

    /// The Xen port of 2006 to 2010 has another option, and no dom0 bit in its notes.
    @Test(arguments: [("y", true), ("n", false)])
    func aForwardPort(privileged: String, isDom0: Bool) throws {
        let option = privileged == "y" ? "CONFIG_XEN_PRIVILEGED_GUEST=y" : "# CONFIG_XEN_PRIVILEGED_GUEST is not set"
        let text = Array("CONFIG_X86_64_XEN=y\nCONFIG_XEN=y\n\(option)\n".utf8)
        guard let packed = output("gzip", ["-9nc"], input: text) else {
            try Test.cancel("the tool gzip is not on this machine")
        }
        var elf = ElfBuilder.dom0()
        elf.drop(17)
        elf.content = Array("Linux version 2.6.18-test (b@h) #1 SMP\n\0".utf8)
        elf.content += Array("IKCFG_ST".utf8) + packed + Array("IKCFG_ED".utf8)
        let facts = try inspect(elf.bytes)
        #expect(facts.dom0.pv.supported == isDom0, "\(facts.dom0.pv.reasons)")
        let named = facts.dom0.pv.reasons.contains { $0.hasPrefix("CONFIG_XEN_PRIVILEGED_GUEST is off") }
        #expect(named == !isDom0)
    }

    @Test func whatIsNoImage() throws {
        for content in [[], Array("hello".utf8), Array("!<arch>\n".utf8), [UInt8](repeating: 0, count: 4096)] {
            let error = #expect(throws: ImageError.self) { try inspect(content) }
            #expect(error?.category == .malformedInput)
        }
        let missing = #expect(throws: ImageError.self) { try KernelImageInspector.inspect("/nonexistent/vmlinuz") }
        #expect(missing?.category == .missingInput)
        let folder = #expect(throws: ImageError.self) { try KernelImageInspector.inspect("/") }
        #expect(folder?.message.contains("folder") == true)
        #expect(throws: ImageError.self) { try KernelImageInspector.inspect("/dev/zero") }
    }

    /// No change to one byte, no cut and no noise may crash it; a damaged file is an error or a refusal.
    @Test func hostileFiles() throws {
        let good = ElfBuilder.dom0().bytes
        let folder = try Scratch()
        func tryIt(_ content: [UInt8]) throws {
            let file = try folder.file("image", content)
            do { _ = try KernelImageInspector.inspect(file) } catch { _ = error.message }
        }
        for length in stride(from: 0, to: good.count, by: 5) { try tryIt(Array(good[..<length])) }
        for place in 0..<min(good.count, 400) {
            for value: UInt8 in [0, 0x7f, 0xff] {
                var bad = good
                bad[place] = value
                try tryIt(bad)
            }
        }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var bad = good
            for _ in 0..<8 {
                bad[Int(random.next(upperBound: UInt(bad.count)))] = UInt8(truncatingIfNeeded: random.next())
            }
            try tryIt(bad)
            try tryIt(ElfBuilder.bzImage(bad))
        }
    }

    @Test func truncatedElfIsRefused() throws {
        let good = ElfBuilder.dom0().bytes
        let facts = try? inspect(Array(good[..<(good.count - 64)]))
        #expect(facts?.dom0.pv.supported != true)
    }

    @Test("what Xen's loader and domain builder refuse, though the notes are right")
    func loaderRules() throws {
        var far = ElfBuilder.dom0()
        far.drop(2)
        far.note(2, 0xffff_ffff_a000_0000)
        let page = try inspect(far.bytes)
        #expect(page.dom0.pv.reasons.contains { $0.contains("HYPERCALL_PAGE") } && page.dom0.pvh.supported)

        var overfull = ElfBuilder.dom0()
        overfull.memorySize = 16
        let filled = try inspect(overfull.bytes)
        #expect(filled.dom0.pv.reasons.contains { $0.contains("more bytes in the file than in memory") })
        #expect(!filled.dom0.pvh.supported)

        var vast = ElfBuilder.dom0()
        vast.memorySize = 1 << 50
        let huge = try inspect(vast.bytes)
        #expect(huge.dom0.pvh.reasons.contains { $0.contains("no machine gives") } && !huge.dom0.pv.supported)

        var steps = ElfBuilder.dom0().bytes
        steps.replaceSubrange(54..<56, with: [0, 0])
        let stepless = try? inspect(steps)
        #expect(stepless?.dom0.pv.supported != true && stepless?.dom0.pvh.supported != true)
    }

    @Test(
        "of plain compressed kernels Xen takes only those that end with their size",
        arguments: ["gzip", "xz", "bzip2"].filter { hasTool($0) })
    func plainCompressed(tool: String) throws {
        let packed = try #require(output(tool, ["-c"], input: ElfBuilder.dom0().bytes))
        let facts = try inspect(packed)
        #expect(facts.dom0.pv.supported == (tool == "gzip") && facts.dom0.pvh.supported == (tool == "gzip"))
        if tool != "gzip" { #expect(facts.dom0.pv.reasons.contains { $0.contains("last four bytes") }) }
    }

    @Test("a mark of an embedded configuration without its end is a caveat, and ends nothing")
    func configWithoutEnd() throws {
        var elf = ElfBuilder.dom0()
        elf.content += Array("IKCFG_ST".utf8) + [0x1f, 0x8b, 8, 0]
        let facts = try inspect(elf.bytes)
        #expect(facts.embeddedConfig == nil && facts.dom0.pv.supported)
        #expect(facts.dom0.pv.caveats.contains { $0.contains("has no end") })
    }

    @Test("many note segments over the same bytes cost their bytes once")
    func overlappingNotes() throws {
        // 2,000 headers of notes that each span most of the file.
        var file = ElfBuilder.dom0().bytes
        let count = 2000
        let headers = file.count
        var program = Array(file[64..<120])
        program.replaceSubrange(0..<4, with: ElfBuilder.little(4, 4))
        program.replaceSubrange(8..<16, with: ElfBuilder.little(64, 8))
        let size = headers + count * 56 + (4 << 20)
        program.replaceSubrange(32..<40, with: ElfBuilder.little(UInt64(size - 64), 8))
        for _ in 0..<count { file += program }
        file += [UInt8](repeating: 0, count: 4 << 20)
        file.replaceSubrange(32..<40, with: ElfBuilder.little(UInt64(headers), 8))
        file.replaceSubrange(56..<58, with: ElfBuilder.little(UInt64(count), 2))
        let facts = try inspect(file)
        #expect(!facts.dom0.pv.supported && !facts.dom0.pvh.supported)
    }
}
