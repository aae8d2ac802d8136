import Bytes
import Hypervisor
import Testing

/// Names for the addresses in a trace.
struct SystemMapTests {
    @Test func names() async throws {
        try await TemporaryFolder.with { folder in
            let file = folder.appending("System.map")
            try Files.write(
                "0000000000000000 D __per_cpu_start\nffffffff81000000 T _text\nffffffff81000100 T start_kernel\nffffffff81002000 B _end\n",
                to: file)
            let map = try SystemMap(file)
            #expect(
                map.explain("(XEN) RIP:    e033:[<ffffffff81000142>]")
                    == "(XEN) RIP:    e033:[<ffffffff81000142>]  (start_kernel+0x42)")
            #expect(
                map.explain("RIP: 0010:start_kernel+0x42 ffffffff81000142")
                    == "RIP: 0010:start_kernel+0x42 ffffffff81000142")
            for line in ["no address", "0000000000000010", "ffffffff81003000", "ffff888004a19098"] {
                #expect(map.explain(line) == line)
            }
        }
    }

    /// What the linker made of assembly, at a kernel's addresses.
    @Test func symbolsOfAnImage() async throws {
        try await TemporaryFolder.with { folder in
            try Files.write(
                ".globl start_kernel, _end\n.text\nnop\nstart_kernel: .skip 64\n_end: nop\n",
                to: folder.appending("a.s"))
            _ = try await Tool.run(
                "as -o a.o a.s && ld -Ttext=0xffffffff81000000 -e start_kernel -o vmlinux a.o", in: folder)
            let map = try SystemMap(folder.appending("vmlinux"))
            #expect(map.explain("<ffffffff81000011>") == "<ffffffff81000011>  (start_kernel+0x10)")
            _ = try await Tool.run("strip vmlinux", in: folder)
            let error = #expect(throws: HypervisorError.self) { try SystemMap(folder.appending("vmlinux")) }
            #expect(error?.message.contains("without a kernel's table of symbols") == true)
        }
    }

    @Test func aFileThatIsNone() async throws {
        try await TemporaryFolder.with { folder in
            let file = folder.appending("System.map")
            try Files.write("nothing\n", to: file)
            let error = #expect(throws: HypervisorError.self) { try SystemMap(file) }
            #expect(error?.category == .malformedInput)
        }
    }
}
