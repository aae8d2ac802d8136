import SystemPackage
import TestSupport

/// A temporary folder with a tiny kernel tree.
struct ImportScratch: Sendable {
    private let scratch: Scratch
    var path: FilePath { scratch.path }

    /// The kit's own folder: this file is three folders below it.
    static let kit = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()

    init() throws { scratch = try Scratch() }

    /// Runs a shell script in the folder; its exit status.
    func shell(_ script: String) -> Int32 { scratch.shell(script) }

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
