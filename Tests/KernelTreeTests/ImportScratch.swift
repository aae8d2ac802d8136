import Bytes
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A temporary folder with a tiny kernel tree, removed when the test program ends.
struct ImportScratch: Sendable {
    let path: FilePath

    private static let made = Mutex<[FilePath]>([])
    private static let cleaning: Void = {
        atexit { ImportScratch.made.withLock { for folder in $0 { try? Files.remove(folder) } } }
    }()

    init() throws {
        _ = Self.cleaning
        var template = Array("/tmp/dom0kit-import-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        let folder = FilePath(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        path = folder
        Self.made.withLock { $0.append(folder) }
    }

    /// Runs a shell script in the folder; its exit status.
    func shell(_ script: String) -> Int32 { system("exec >/dev/null 2>&1; cd '\(path)' || exit 1; \(script)") }

    /// Makes `linux-6.1/`: what the importer takes for a kernel, with a link, a script and a Latin-1 name.
    func makeKernel() -> Int32 {
        shell(
            """
            mkdir -p linux-6.1/arch/x86/boot linux-6.1/init linux-6.1/kernel linux-6.1/scripts/basic linux-6.1/drivers/xen &&
            printf '# SPDX\\nVERSION = 6\\nPATCHLEVEL = 1\\nSUBLEVEL = 9\\nEXTRAVERSION = -rc1\\nNAME = x\\n' > linux-6.1/Makefile &&
            echo a > linux-6.1/arch/x86/Kconfig && printf '#!/bin/sh\\n' > linux-6.1/scripts/run && chmod 755 linux-6.1/scripts/run &&
            ln -s ../run linux-6.1/scripts/basic/link && printf x > "$(printf 'linux-6.1/drivers/xen/caf\\351')"
            """)
    }
}
