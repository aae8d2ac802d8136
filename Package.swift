// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

/// A library module with its tests, if it has any: `Sources/NAME` and `Tests/NAMETests`.
func module(_ name: String, _ dependencies: [Target.Dependency] = [], tested: Bool = true) -> [Target] {
    var targets: [Target] = [
        .target(name: name, dependencies: dependencies, swiftSettings: settings)
    ]
    if tested {
        targets.append(
            .testTarget(
                name: name + "Tests",
                dependencies: [.byName(name: name), "TestSupport"] + dependencies,
                swiftSettings: settings))
    }
    return targets
}

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// The fuzzers need another compiler mode than everything else: `make fuzz` asks for them.
let fuzzers: [Target] =
    Context.environment["DOM0KIT_FUZZ"] == nil
    ? []
    : [
        .executableTarget(
            name: "PatchFuzzer", dependencies: ["Patching"], path: "Tests/PatchFuzzer", swiftSettings: settings,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])])
    ]

// Data flows one way; each module knows only those above it in this list.
let package = Package(
    name: "dom0kit",
    products: [
        .executable(name: "dom0kit", targets: ["dom0kit"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CElf", pkgConfig: "libelf", providers: [.apt(["libelf-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .target(name: "CLines"),
        .target(name: "CRename"),
        .target(name: "CXen"),
    ]
        + module("Diagnostics", [system], tested: false)
        + module("Bytes", ["Diagnostics", "CCrypto", system])
        + module("Archive", ["Diagnostics", "Bytes", "CArchive", "CZlib", system])
        + module("Patching", ["Diagnostics", "Bytes", "CLines", "CZlib", system])
        + module("Series", ["Diagnostics", "Bytes", "Archive", "Patching", system])
        + module("Host", ["Diagnostics", "Bytes", subprocess, system])
        + module("DebianPackages", ["Diagnostics", "Bytes", "Archive", "Host", system])
        + module(
            "KernelTree",
            ["Diagnostics", "Bytes", "Archive", "CRename", "Patching", "Series", "Host", "DebianPackages", system])
        + module("Kconfig", ["Diagnostics", "Bytes", "Host", yams, system])
        + module("KernelImage", ["Diagnostics", "Bytes", "Archive", "CElf", "CXen", "CZlib", system])
        + module("KernelBuild", ["Diagnostics", "Bytes", "Host", "Kconfig", system])
        + module(
            "Hypervisor", ["Diagnostics", "Bytes", "Archive", "Host", "DebianPackages", "KernelImage", yams, system])
        + module(
            "Pipeline",
            [
                "Diagnostics", "Bytes", "Archive", "Patching", "Series", "Host", "DebianPackages", "KernelTree",
                "Kconfig", "KernelImage", "KernelBuild", "Hypervisor", yams, system,
            ])
        + module(
            "Report",
            [
                "Diagnostics", "Patching", "Series", "KernelTree", "Kconfig", "KernelBuild", "KernelImage",
                "Hypervisor",
                "Pipeline", system,
            ]
        )
        + [
            .executableTarget(
                name: "dom0kit",
                dependencies: [
                    "Diagnostics", "Bytes", "Archive", "Patching", "Series", "Host", "DebianPackages", "KernelTree",
                    "Kconfig",
                    "KernelImage", "KernelBuild", "Hypervisor", "Pipeline", "Report", arguments, system,
                ],
                swiftSettings: settings),
            .testTarget(
                name: "CommandTests",
                dependencies: ["Bytes", "Host", "TestSupport", subprocess, system],
                swiftSettings: settings),
            // What the tests share; nothing of the product depends on it.
            .target(
                name: "TestSupport", dependencies: ["Bytes", system], path: "Tests/TestSupport", swiftSettings: settings
            ),
        ] + fuzzers
)
