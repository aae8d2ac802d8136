/// A program that ends with 0 in a PV domain and with a signal or another status everywhere else.
///
/// Linux says so itself since 4.13 (`/sys/hypervisor/guest_type`). Before, only Xen can be asked: `cpuid` behind its forced
/// emulation prefix (`ud2` and the bytes of "xen", Xen `xen/include/public/arch-x86/xen.h`), which is an invalid instruction
/// on every other machine.
enum PvTest {
    /// An ELF file of one segment: the file's header, the segment's, and the code.
    static var program: [UInt8] {
        let size = UInt64(headers + code.count)
        var bytes: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        // ET_EXEC, EM_X86_64, EV_CURRENT.
        bytes += little(2, 2) + little(62, 2) + little(1, 4)
        bytes += little(base + UInt64(headers), 8) + little(64, 8) + little(0, 8)
        bytes +=
            little(0, 4) + little(64, 2) + little(56, 2) + little(1, 2) + little(64, 2) + little(0, 2) + little(0, 2)
        // PT_LOAD, readable and executable.
        bytes += little(1, 4) + little(5, 4) + little(0, 8) + little(base, 8) + little(base, 8)
        bytes += little(size, 8) + little(size, 8) + little(0x1000, 8)
        return bytes + code
    }

    private static let base: UInt64 = 0x400000
    private static let headers = 64 + 56

    private static let code: [UInt8] = [
        0xb8, 0x00, 0x00, 0x00, 0x40,  // mov $0x40000000, %eax
        0x31, 0xc9,  // xor %ecx, %ecx
        0x0f, 0x0b, 0x78, 0x65, 0x6e,  // ud2; "xen"
        0x0f, 0xa2,  // cpuid
        0x31, 0xff,  // xor %edi, %edi
        0x81, 0xfb, 0x58, 0x65, 0x6e, 0x56,  // cmp $"XenV", %ebx
        0x74, 0x02,  // je over the next
        0xff, 0xc7,  // inc %edi
        0xb8, 0x3c, 0x00, 0x00, 0x00,  // mov $60, %eax: exit
        0x0f, 0x05,  // syscall
    ]

    private static func little(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }
}
