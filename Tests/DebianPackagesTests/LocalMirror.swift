import DebianPackages
import SystemPackage
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

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
            P=main/binary-amd64/Packages
            { printf 'Codename: bookworm\\nSuite: oldstable\\nComponents: main\\nArchitectures: amd64\\n'
              printf 'Date: %s\\n' "$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S UTC')"
              printf 'SHA256:\\n %s %s %s\\n' "$(sha256sum < $P | cut -d ' ' -f 1)" "$(stat -c %s $P)" $P; } > Release
            gpg --batch --clearsign -o InRelease Release
            gpgconf --kill all
            """, in: scratch.path)
        guard made == 0 else { throw Errno(rawValue: ECANCELED) }
    }

    /// The machine's configuration that names this mirror.
    var machine: MachineSources {
        MachineSources(
            sources: [
                AptSource(
                    uri: "file:\(scratch.path)/debian", suite: "trixie", components: ["main"],
                    options: ["Signed-By": keyring.string])
            ], folder: "/etc/apt")
    }

    func fetcher(_ folder: String = "work", refresh: PackageFetcher.Refresh = .always) -> PackageFetcher {
        PackageFetcher(
            folder: scratch.path.appending(folder), machine: machine, environment: Self.environment, refresh: refresh)
    }
}
