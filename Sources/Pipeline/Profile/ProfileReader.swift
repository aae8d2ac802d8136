import Bytes
import Debian
import Hypervisor
import Kconfig
import KernelBuild
import KernelModel
import Patching
import SystemPackage
import Yaml

/// Decodes a profile's file, and holds each value against what there is.
struct ProfileReader {
    /// The folder that the profile's file names are relative to.
    let data: FilePath
    /// The names of the test hypervisors there are.
    let hypervisors: [String]
    /// The suites of Debian's archive.
    let suites: DebianSuites

    /// Reads a profile.
    /// - Parameter name: What it must call itself: the name of its file.
    func read(_ bytes: [UInt8], file: FilePath, name: String) throws(YamlFault) -> Profile {
        let map = try YamlDocument.parse(bytes, file: file).mapping(
            [
                "name", "title", "architecture", "source", "series", "host", "compat", "configuration", "build", "boot",
            ])
        let own = try map.required("name")
        guard try own.text() == name else {
            throw own.fault(value: try own.text(), "but the file is called \(name).yaml")
        }
        let title = try map.required("title").text()
        let architecture = try map.required("architecture").one(of: KernelArchitecture.allCases.filter(\.runsXen))
        return Profile(
            name: name, title: title, architecture: architecture,
            source: try source(try map.required("source")), series: try map.required("series").list(series),
            host: try map.optional("host") { value throws(YamlFault) in try value.list(series) },
            compat: try map.optional("compat", compat),
            configuration: try configuration(try map.required("configuration"), architecture),
            build: try build(try map.required("build")), boot: try boot(try map.required("boot")))
    }

    // MARK: Source

    private func source(_ value: YamlValue) throws(YamlFault) -> Profile.Source {
        let map = try value.mapping(
            ["suite", "package", "sourcePackage", "files", "base", "version", "patched", "guards", "fuzz", "hint"])
        var source = Profile.Source()
        source.suite = try map.optional("suite") { value throws(YamlFault) in
            suites.names.isEmpty ? try word(value) : try value.one(named: suites.names)
        }
        source.package = try map.optional("package", word)
        source.sourcePackage = try map.optional("sourcePackage", word)
        source.files = try map.optional("files") { value throws(YamlFault) in
            try value.list(isEmptyAllowed: false, file)
        }
        source.base = try map.optional("base", file)
        source.version = try map.optional("version") { value throws(YamlFault) in
            let text = try value.text()
            guard KernelVersion(text)?.description == text else {
                throw value.fault(value: text, "which is not a version of Linux, such as 2.6.31 or 6.1")
            }
            return text
        }
        source.patched = try map.optional("patched") { value throws(YamlFault) in try value.boolean() }
        source.guards = try map.optional("guards") { value throws(YamlFault) in try value.list(word) }
        source.fuzz = try map.optional("fuzz") { value throws(YamlFault) in try value.integer(in: 0...3) }
        source.hint = try map.optional("hint") { value throws(YamlFault) in try value.text() }
        if let package = map["package"], map["sourcePackage"] != nil {
            throw package.fault("and \(value.key).sourcePackage exclude each other")
        }
        if let package = map["package"] ?? map["sourcePackage"], source.suite == nil {
            throw package.fault("needs \(value.key).suite: the Debian release it is a package of")
        }
        if let suite = map["suite"], source.package == nil, source.sourcePackage == nil {
            throw suite.fault("needs \(value.key).package or \(value.key).sourcePackage")
        }
        return source
    }

    private func file(_ value: YamlValue) throws(YamlFault) -> Profile.File {
        let map = try value.mapping(["name", "address", "sha256"])
        let name = try map.required("name")
        guard !(try name.text()).contains("/") else {
            throw name.fault(value: try name.text(), "which is not a file's name")
        }
        return Profile.File(
            name: try name.text(), address: try map.optional("address") { value throws(YamlFault) in try value.text() },
            sha256: try map.optional("sha256") { value throws(YamlFault) in
                let text = try value.text()
                guard let digest = Digest(hex: text) else {
                    throw value.fault(value: text, "which is not a SHA-256 of 64 hexadecimal digits")
                }
                return digest.hex
            })
    }

    /// One word, as packages, suites and guards are.
    private func word(_ value: YamlValue) throws(YamlFault) -> String {
        let text = try value.text()
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !text.hasPrefix("-") else {
            throw value.fault(value: text, "which is not one plain word")
        }
        return text
    }

    // MARK: Series, configuration and build

    private func series(_ value: YamlValue) throws(YamlFault) -> Profile.Series {
        let map = try value.mapping(["path", "like", "fuzz"])
        return Profile.Series(
            path: try existing(try map.required("path")),
            like: try map.optional("like") { value throws(YamlFault) in try value.one() },
            fuzz: try map.optional("fuzz") { value throws(YamlFault) in try value.integer(in: 0...3) })
    }

    private func compat(_ value: YamlValue) throws(YamlFault) -> Profile.Compat {
        let map = try value.mapping(["series", "fragments", "userland", "checks", "programs"])
        return Profile.Compat(
            series: try map.required("series").list(isEmptyAllowed: false, series),
            fragments: try map.optional("fragments") { value throws(YamlFault) in try value.list(existingFile) },
            userland: try map.optional("userland") { value throws(YamlFault) in try value.one() },
            checks: try map.optional("checks", checks),
            programs: try map.optional("programs") { value throws(YamlFault) in try value.boolean() })
    }

    /// A file or folder that is there.
    private func existing(_ value: YamlValue) throws(YamlFault) -> DataFile {
        let file = DataFile(try value.text(), in: data)
        guard Files.exists(file.path) else { throw value.fault(value: file.name, "but there is no \(file.path)") }
        return file
    }

    /// A file that is there.
    private func existingFile(_ value: YamlValue) throws(YamlFault) -> DataFile {
        let file = try existing(value)
        guard Files.isRegular(file.path) else { throw value.fault(value: file.name, "which is not a file") }
        return file
    }

    private func configuration(
        _ value: YamlValue, _ architecture: KernelArchitecture
    ) throws(YamlFault) -> Profile.Configuration {
        let map = try value.mapping(["base", "targets", "fragments", "requirements", "provenance"])
        return Profile.Configuration(
            base: try base(try map.required("base")),
            targets: try map.required("targets").list { value throws(YamlFault) in
                let name = try word(value)
                guard name.hasSuffix(".config"), !name.contains("/") else {
                    throw value.fault(value: name, "which is not a fragment of the tree, such as xen.config")
                }
                return name
            },
            fragments: try map.required("fragments").list(existingFile),
            requirements: try requirements(try map.required("requirements"), architecture),
            provenance: try map.optional("provenance", provenance))
    }

    /// A file of dom0 requirements, which have to be about the profile's architecture.
    private func requirements(
        _ value: YamlValue, _ architecture: KernelArchitecture
    ) throws(YamlFault) -> DataFile {
        let file = try existingFile(value)
        let set: Dom0Requirements
        do throws(KconfigError) {
            set = try Dom0Requirements.load(file: file.path)
        } catch {
            if case .malformedRequirements(let fault) = error { throw fault }
            throw value.fault(value: file.name, "which cannot be read: \(error.message)")
        }
        guard set.covers(architecture) else {
            throw value.fault(
                value: file.name,
                "whose requirements are for \(set.architecture.rawValue), but the profile is for \(architecture.rawValue)"
            )
        }
        return file
    }

    private func base(_ value: YamlValue) throws(YamlFault) -> BaseConfiguration {
        let text = try value.text()
        if text.hasPrefix("tree:") {
            let path = FilePath(String(text.dropFirst(5))).lexicallyNormalized()
            guard !path.isEmpty, path.isRelative, path.components.first != ".." else {
                throw value.fault(value: text, "which does not name a file inside the tree")
            }
            return .tree(path)
        }
        if text.contains("/") { return .file(try existingFile(value)) }
        guard text.hasSuffix("config"), !text.hasSuffix(".config"), try word(value) == text else {
            throw value.fault(
                value: text, "which is neither a make target such as tinyconfig, nor a file with a slash, nor tree:FILE"
            )
        }
        return .target(text)
    }

    private func provenance(_ value: YamlValue) throws(YamlFault) -> Profile.Provenance {
        let map = try value.mapping(["series", "hash"])
        func symbol(_ key: String) throws(YamlFault) -> String {
            let value = try map.required(key)
            let text = try value.text()
            guard text.utf8.allSatisfy({ $0.isSymbolByte }), !text.hasPrefix("CONFIG_") else {
                throw value.fault(value: text, "which is not a Kconfig symbol (written without CONFIG_)")
            }
            return text
        }
        return Profile.Provenance(series: try symbol("series"), hash: try symbol("hash"))
    }

    private func build(_ value: YamlValue) throws(YamlFault) -> Profile.Build {
        let map = try value.mapping(["targets", "image", "toolchain"])
        let image = try map.required("image")
        let path = FilePath(try image.text()).lexicallyNormalized()
        guard path.isRelative, path.components.first != "..", path.components.first != "." else {
            throw image.fault(value: try image.text(), "which is not inside the output folder")
        }
        return Profile.Build(
            targets: try map.required("targets").list(isEmptyAllowed: false, word), image: try image.text(),
            toolchain: try map.optional("toolchain", toolchain))
    }

    private func toolchain(_ value: YamlValue) throws(YamlFault) -> CompilerRule {
        let map = try value.mapping(["compiler", "hostCompiler", "oldest", "newest", "programs"])
        func major(_ value: YamlValue) throws(YamlFault) -> Int { try value.integer(in: 3...99) }
        let rule = CompilerRule(
            compiler: try map.optional("compiler", word), hostCompiler: try map.optional("hostCompiler", word),
            oldest: try map.optional("oldest", major), newest: try map.optional("newest", major),
            programs: try map.optional("programs") { value throws(YamlFault) in try value.list(word) } ?? [])
        if let oldest = rule.oldest, let newest = rule.newest, oldest > newest {
            throw value.fault("has an oldest compiler that is newer than the newest")
        }
        return rule
    }

    // MARK: Boot

    private func boot(_ value: YamlValue) throws(YamlFault) -> Profile.Boot {
        let map = try value.mapping(
            [
                "hypervisor", "dom0", "guests", "checks", "userland", "programs", "console", "processor", "processors",
                "crashes",
                "dom0Memory", "append", "xenAppend", "matrix", "sysfs", "log",
            ])
        let hypervisor = try map.required("hypervisor").one(named: hypervisors)
        let dom0 = try map.required("dom0").one(of: DomainMode.dom0Modes)
        let guests = try map.required("guests")
        let modes: [DomainMode] = try guests.list { value throws(YamlFault) in try value.one() }
        guard Set(modes).count == modes.count else { throw guests.fault("has a kind of guest more than once") }
        return Profile.Boot(
            hypervisor: hypervisor, dom0: dom0, guests: modes,
            checks: try map.optional("checks", checks),
            userland: try map.optional("userland") { value throws(YamlFault) in try value.one() },
            programs: try map.optional("programs") { value throws(YamlFault) in try value.boolean() },
            console: try map.optional("console", line), processor: try map.optional("processor", word),
            crashes: try map.optional("crashes") { value throws(YamlFault) in try value.list(crash) },
            processors: try map.optional("processors") { value throws(YamlFault) in try value.integer(in: 1...64) },
            dom0Memory: try map.optional("dom0Memory") { value throws(YamlFault) in
                try value.integer(in: BootRequest.dom0MemoryRange)
            },
            append: try map.optional("append", line), xenAppend: try map.optional("xenAppend", line),
            matrix: try map.optional("matrix", matrix), sysfs: try map.optional("sysfs", sysfs),
            log: try map.optional("log") { value throws(YamlFault) in try value.list(pattern) })
    }

    private func checks(_ value: YamlValue) throws(YamlFault) -> [GuestCheck] {
        try value.list(isEmptyAllowed: false) { value throws(YamlFault) in try value.one(of: GuestCheck.choices) }
    }

    private func crash(_ value: YamlValue) throws(YamlFault) -> KnownCrash {
        let map = try value.mapping(["processors", "unless", "why"])
        return KnownCrash(
            processors: try map.required("processors").list(isEmptyAllowed: false, word),
            unless: try map.optional("unless", word), why: try line(try map.required("why")))
    }

    private func matrix(_ value: YamlValue) throws(YamlFault) -> Profile.Matrix {
        let map = try value.mapping(["hypervisors", "dom0"])
        return Profile.Matrix(
            hypervisors: try map.required("hypervisors").list(isEmptyAllowed: false) { value throws(YamlFault) in
                try value.one(named: hypervisors)
            },
            dom0: try map.required("dom0").list(isEmptyAllowed: false) { value throws(YamlFault) in
                try value.one(of: DomainMode.dom0Modes)
            })
    }

    private func line(_ value: YamlValue) throws(YamlFault) -> String {
        let text = try value.text()
        guard !text.contains(where: \.isNewline) else { throw value.fault("must be one line") }
        return text
    }

    private func sysfs(_ value: YamlValue) throws(YamlFault) -> [String: String] {
        var files: [String: String] = [:]
        for (name, value) in try value.pairs() {
            let isPlain = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
            guard isPlain, !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
                throw value.fault("does not name a file below /sys/hypervisor")
            }
            let text = try value.text()
            let rest = text.replacing("{series}", with: "").replacing("{hash}", with: "")
            guard !rest.contains("{"), !rest.contains("}") else {
                throw value.fault(value: text, "which has braces other than {series} and {hash}")
            }
            files[name] = text
        }
        return files
    }

    private func pattern(_ value: YamlValue) throws(YamlFault) -> LogPattern {
        let text = try value.text()
        guard let pattern = LogPattern(text) else {
            throw value.fault(value: text, "which is not a regular expression")
        }
        return pattern
    }
}

extension UInt8 {
    /// Whether a Kconfig symbol may have this byte.
    fileprivate var isSymbolByte: Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
