// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

/// A library module with its tests: `Sources/NAME` and `Tests/NAMETests`.
/// - Parameters:
///   - embedding: Files of its folder that become part of the program (`PackageResources`).
///   - excluding: Files and folders of its folder that are not part of it.
///   - testing: What only its tests need.
///   - fixtures: Whether its tests have a folder `Fixtures`, which they read from the checkout.
func module(
    _ name: String, _ dependencies: [Target.Dependency] = [], embedding files: [String] = [],
    excluding others: [String] = [], testing: [Target.Dependency] = [], fixtures: Bool = false
) -> [Target] {
    [
        .target(
            name: name, dependencies: dependencies, exclude: others, resources: files.map { .embedInCode($0) },
            swiftSettings: settings),
        .testTarget(
            name: name + "Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies + testing,
            exclude: fixtures ? ["Fixtures"] : [], swiftSettings: settings),
    ]
}

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// The commit that `--version` tells. The Makefile passes it: `Context.gitInformation` would be that of the first build,
/// because SwiftPM keeps what a manifest says until the manifest or the environment changes.
let commit = Context.environment["DOM0KIT_COMMIT"] ?? ""

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
        .target(name: "CSyscalls"),
        .target(name: "CXen"),
        .target(name: "CVersion", cSettings: [.define("DOM0KIT_COMMIT", to: "\"\(commit)\"")]),
    ]
        + module("Diagnostics")
        + module("Concurrency", ["CSyscalls"])
        + module("Bytes", ["Diagnostics", "CCrypto", "CSyscalls", system])
        + module("Yaml", ["Diagnostics", yams, system])
        + module("Archive", ["Diagnostics", "Concurrency", "Bytes", "CArchive", "CZlib", system])
        + module("Host", ["CSyscalls", "Diagnostics", subprocess, system])
        + module("Debian", ["Diagnostics", "Bytes", "Yaml", "Host", system])
        + module("KernelModel")
        + module(
            "Patching", ["Diagnostics", "Concurrency", "Bytes", "CLines", "CZlib", system], fixtures: true)
        + module("RpmSpec", testing: ["Bytes", system])
        + module("Merging", testing: ["Bytes", system])
        + module("Series", ["Diagnostics", "Concurrency", "Bytes", "Archive", "Patching", "RpmSpec", system])
        + module(
            "KernelTree",
            ["Diagnostics", "Concurrency", "Bytes", "Archive", "CSyscalls", "Host", "Debian", "Patching", system])
        + module(
            "KernelSource",
            [
                "Diagnostics", "Concurrency", "Bytes", "Archive", "Host", "Debian", "KernelModel", "Patching",
                "RpmSpec",
                "Series", "KernelTree", system,
            ], testing: ["Porting"])
        + module(
            "Porting",
            ["Diagnostics", "Concurrency", "Bytes", "Host", "Patching", "Merging", "Series", "KernelTree", system])
        + module("Kconfig", ["Diagnostics", "Bytes", "Yaml", "Host", "KernelModel", system])
        + module("Elf", ["CElf"], testing: ["Bytes"])
        + module("KernelImage", ["Diagnostics", "Bytes", "Archive", "Elf", "CXen", system])
        + module("KernelBuild", ["Diagnostics", "Bytes", "Host", system])
        + module(
            "Hypervisor",
            ["Diagnostics", "Bytes", "Yaml", "Archive", "Host", "Debian", "KernelModel", "Elf", "KernelImage", system],
            embedding: [
                "Guest/dom0-init.sh", "Guest/dom0-guests.sh", "Guest/guest-init.sh", "Guest/xen-block.sh",
                "Guest/xen-vif.sh", "Guest/programs.sh", "Small/small.h", "Small/store.h", "Small/small-init.c",
                "Small/small-toolstack.c",
            ])
        + module(
            "Pipeline",
            [
                "Diagnostics", "Bytes", "Yaml", "Archive", "Patching", "Series", "Host", "Debian", "KernelModel",
                "KernelTree", "KernelSource", "Kconfig", "KernelImage", "KernelBuild", "Hypervisor", system,
            ])
        + module(
            "Report",
            [
                "Diagnostics", "Concurrency", "KernelModel", "Patching", "Merging", "Series", "KernelSource", "Porting",
                "Kconfig", "KernelBuild", "KernelImage", "Hypervisor", "Pipeline", system,
            ], excluding: ["Schemas"], testing: ["Bytes"])
        + [
            .executableTarget(
                name: "dom0kit",
                dependencies: [
                    "CVersion", "Diagnostics", "Concurrency", "Bytes", "Archive", "Host", "Debian", "KernelModel",
                    "Patching", "Series", "KernelTree", "Porting", "Kconfig", "KernelBuild", "Hypervisor", "Pipeline",
                    "Report", arguments, system,
                ],
                swiftSettings: settings),
            .testTarget(
                name: "CommandTests",
                dependencies: ["Bytes", "Host", "TestSupport", subprocess, system], exclude: ["Snapshots"],
                swiftSettings: settings),
            // What the tests share; nothing of the product depends on it.
            .target(
                name: "TestSupport", dependencies: ["Bytes", system], path: "Tests/TestSupport", swiftSettings: settings
            ),
        ] + fuzzers
)
