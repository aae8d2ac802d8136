/// The release a kernel image says it is.
enum KernelRelease {
    /// The first word of a bzImage's version text; `nil` where there is none.
    ///
    /// Format: Linux `Documentation/arch/x86/boot.rst`: `HdrS` at 0x202, at 0x20e the text's offset less 0x200.
    static func of(_ image: [UInt8]) -> String? {
        guard image.count > 0x210, image[0x202..<0x206].elementsEqual("HdrS".utf8) else { return nil }
        let offset = Int(image[0x20e]) | Int(image[0x20f]) << 8
        guard offset > 0, offset + 0x200 < image.count else { return nil }
        let text = image[(offset + 0x200)...].prefix(256).prefix { $0 != 0 && $0 != 0x20 }
        guard !text.isEmpty, text.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        return String(decoding: text, as: UTF8.self)
    }
}
