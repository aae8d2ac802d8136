import Bytes
import Hypervisor
import SystemPackage
import Testing

/// The C of the small userland, tried on this machine: its SHA-256 beside sha256sum, its xenstore by messages on a ring.
@Suite(.enabled(if: TestMachine.has("gcc"), "needs gcc")) struct SmallUserlandTests {
    private func run(_ body: String, _ check: (FilePath) async throws -> Void) async throws {
        try await TemporaryFolder.with { folder in
            try Files.write(body, to: folder.appending("test.c"))
            let sources = Repository.root.pushing("Sources/Hypervisor/Small")
            _ = try await Tool.run(
                "gcc -std=gnu11 -Wall -Wextra -Werror -Wno-unused-function -fsanitize=address,undefined -I '\(sources)' -o test test.c",
                in: folder)
            try await check(folder)
        }
    }

    @Test func digests() async throws {
        let program = """
            #include "small.h"
            int main(int count, char **words)
            {
                struct text text = { 0 };
                char hex[65];
                if (count != 2 || !text_file(&text, words[1])) return 1;
                sha256(text.bytes ? text.bytes : "", text.length, hex);
                puts(hex);
                free(text.bytes);
                return 0;
            }
            """
        try await run(program) { folder in
            for length in [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 100_000] {
                let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
                try Files.write(bytes, to: folder.appending("data"))
                let hex = try await Tool.run("./test data", in: folder)
                #expect(hex == Digest(of: bytes).hex + "\n", "\(length)")
            }
        }
    }

    /// Requests as the kernel sends them, longer than the ring at times; answers and events as it expects them.
    @Test func xenstore() async throws {
        let program = #"""
            #include "store.h"
            static struct store_ring ring;
            static struct store store = { .ring = &ring, .home = "/local/domain/1" };
            static void pull(void)
            {
                struct text got = { 0 };
                while (store_serve(&store))
                    while (ring.response_read != ring.response_written)
                        text_add(&got, &ring.response[ring.response_read++ % sizeof(ring.response)], 1);
                for (size_t at = 0; at < got.length;) {
                    struct store_header header;
                    memcpy(&header, got.bytes + at, sizeof(header));
                    printf("%u:", header.type);
                    for (uint32_t i = 0; i < header.length && i < 60; i++)
                        putchar(got.bytes[at + sizeof(header) + i] ? got.bytes[at + sizeof(header) + i] : '|');
                    if (header.length > 60) printf("... %u", header.length);
                    putchar('\n');
                    at += sizeof(header) + header.length;
                }
                free(got.bytes);
            }
            static void send(uint32_t type, const char *body, uint32_t length)
            {
                struct store_header header = { type, 1, 0, length };
                struct text all = { 0 };
                text_add(&all, &header, sizeof(header));
                text_add(&all, body, length);
                for (size_t i = 0; i < all.length; i++) {
                    ring.request[ring.request_written++ % sizeof(ring.request)] = all.bytes[i];
                    if (ring.request_written - ring.request_read == sizeof(ring.request)) store_serve(&store);
                }
                free(all.bytes);
                pull();
            }
            int main(void)
            {
                static char big[3000] = "data/big";
                memset(big + 9, 'x', sizeof(big) - 9);
                send(STORE_READ, "name", 5);
                send(STORE_WATCH, "data\0tok", 9);
                send(STORE_WRITE, "data/a\0one", 10);
                send(STORE_READ, "/local/domain/1/data/a", 23);
                send(STORE_WRITE, big, sizeof(big));
                send(STORE_READ, "data/big", 9);
                send(STORE_DIRECTORY, "data", 5);
                send(STORE_DIRECTORY, "/", 2);
                send(STORE_UNWATCH, "data\0tok", 9);
                send(STORE_RM, "data/a", 7);
                send(STORE_READ, "data/a", 7);
                send(STORE_DOMAIN_PATH, "7", 2);
                send(99, "x", 2);
                return 0;
            }
            """#
        try await run(program) { folder in
            let said = try await Tool.run("ASAN_OPTIONS=detect_leaks=0 ./test", in: folder)
            #expect(
                said == """
                    16:ENOENT|
                    4:OK|
                    15:data|tok|
                    15:data/a|tok|
                    11:OK|
                    2:one
                    15:data/big|tok|
                    11:OK|
                    2:\(String(repeating: "x", count: 60))... 2991
                    1:big|a|
                    1:local|
                    5:OK|
                    13:OK|
                    16:ENOENT|
                    10:/local/domain/7|
                    16:ENOSYS|

                    """)
        }
    }

    @Test func whatItCannotDoIsRefused() async throws {
        var request = BootRequest(
            kernel: "/nonexistent", guests: [.pv, .hvm], runFolder: "/nonexistent", environment: [:])
        request.userland = .small
        let error = #expect(throws: HypervisorError.self) { try request.requireUserland() }
        #expect(error?.message == "the small userland starts PV guests only")
        request.userland = .full
        try request.requireUserland()
    }
}
