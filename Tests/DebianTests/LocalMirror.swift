import Debian
import Glibc
import SystemPackage
import TestSupport

/// A signed Debian mirror in a folder, with small packages of its own; needs `gpg`, `dpkg-deb` and `dpkg-scanpackages`.
struct LocalMirror {
    let scratch: Scratch
    var keyring: FilePath { scratch.path.appending("key.gpg") }

    static let tools = ["gpg", "dpkg-deb", "dpkg-scanpackages", "apt-get"]
    static var missingTools: [String] { tools.filter { !hasTool($0) } }
    static let environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]

    /// Makes the mirror with suite `bookworm`: `hello-kit` in versions 1.0-1 and 1:2.0-1, and `other-kit`.
    init() throws {
        scratch = try Scratch()
        let made = shell(
            """
            set -e
            export GNUPGHOME=$PWD/gnupg; mkdir -m 700 gnupg
            gpg --batch --passphrase '' --quick-gen-key 'Test <test@example.invalid>' ed25519 sign never
            gpg --export > key.gpg
            package() {
                rm -rf p; mkdir -p p/DEBIAN p/usr/share; echo "$1 $2" > p/usr/share/$1
                printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: T <t@example.invalid>\\nDescription: t\\n' $1 $2 > p/DEBIAN/control
                dpkg-deb --root-owner-group -b p debian/pool
            }
            mkdir -p debian/pool debian/dists/bookworm/main/binary-amd64
            package hello-kit 1.0-1; package hello-kit 1:2.0-1; package other-kit 3-1
            mkdir -p debian/dists/bookworm/main/source; cd debian/pool
            echo upstream > kit_1.0.orig.tar.xz; echo packaging > kit_1.0-1.debian.tar.xz
            sums() { for f in kit_1.0.orig.tar.xz kit_1.0-1.debian.tar.xz $2; do
                printf ' %s %s %s\n' "$($1 < $f | cut -d ' ' -f 1)" "$(stat -c %s $f)" $f; done; }
            { printf 'Format: 3.0 (quilt)\nSource: kit\nVersion: 1.0-1\nMaintainer: T <t@example.invalid>\nChecksums-Sha256:\n'
              sums sha256sum; } > kit_1.0-1.dsc
            { printf 'Package: kit\nFormat: 3.0 (quilt)\nBinary: hello-kit\nArchitecture: all\nVersion: 1.0-1\nMaintainer: T <t@example.invalid>\n'
              printf 'Directory: pool\nFiles:\n'; sums md5sum kit_1.0-1.dsc
              printf 'Checksums-Sha256:\n'; sums sha256sum kit_1.0-1.dsc; printf '\n'; } > ../dists/bookworm/main/source/Sources
            """, in: scratch.path)
        guard made == 0 else { throw Errno(rawValue: ECANCELED) }
        try index()
    }

    /// Writes and signs the index anew.
    func index() throws {
        let made = shell(
            """
            set -e
            export GNUPGHOME=$PWD/gnupg
            cd debian; dpkg-scanpackages -m pool > dists/bookworm/main/binary-amd64/Packages; cd dists/bookworm
            rm -f Release InRelease Release.gpg
            { printf 'Codename: bookworm\\nSuite: oldstable\\nComponents: main\\nArchitectures: amd64\\n'
              printf 'Date: %s\\n' "$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S UTC')"
              printf 'SHA256:\\n'; for P in main/binary-amd64/Packages main/source/Sources; do
              printf ' %s %s %s\\n' "$(sha256sum < $P | cut -d ' ' -f 1)" "$(stat -c %s $P)" $P; done; } > Release
            gpg --batch --clearsign -o InRelease Release
            gpgconf --kill all
            """, in: scratch.path)
        guard made == 0 else { throw Errno(rawValue: ECANCELED) }
    }

    /// The machine's configuration that names this mirror.
    /// - Parameter address: Where it is served; as files where `nil`.
    func machine(at address: String? = nil) -> MachineSources {
        MachineSources(
            sources: [
                AptSource(
                    uri: address ?? "file:\(scratch.path)/debian", suite: "trixie", components: ["main"],
                    options: ["Signed-By": keyring.string])
            ], folder: "/etc/apt")
    }

    func fetcher(
        _ folder: String = "work", refresh: PackageFetcher.Refresh = .always, at address: String? = nil
    ) -> PackageFetcher {
        PackageFetcher(
            folder: scratch.path.appending(folder), machine: machine(at: address), environment: Self.environment,
            refresh: refresh)
    }
}
