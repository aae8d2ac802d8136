import Bytes
public import Debian
public import SystemPackage
import Yaml

extension HypervisorDescription {
    /// Reads a description.
    /// - Throws: ``HypervisorError/malformedDescription(_:)``, or ``BytesError`` where it cannot be read.
    public static func read(_ path: FilePath) throws -> HypervisorDescription {
        try parse(try Files.read(path), path: path)
    }

    /// Parses a description.
    /// - Parameters:
    ///   - path: What errors call it.
    ///   - name: What it must call itself, where that is settled.
    ///   - suites: The suites it may name; any where none are known.
    /// - Throws: ``HypervisorError/malformedDescription(_:)``.
    public static func parse(
        _ bytes: [UInt8], path: FilePath, name: String? = nil, suites: DebianSuites = .unknown
    ) throws(HypervisorError) -> HypervisorDescription {
        do throws(YamlFault) {
            return try HypervisorDescription(
                try YamlDocument.parse(bytes, file: path), name: name, suites: suites.names)
        } catch { throw .malformedDescription(error) }
    }

    private init(_ value: YamlValue, name expected: String?, suites: [String]) throws(YamlFault) {
        let map = try value.mapping([
            "name", "version", "suite", "packages", "image", "arguments", "programs", "files", "libraries", "opened",
            "processor", "virtualization", "pvh-dom0", "device-model", "small-toolstack",
        ])
        let own = try map.required("name")
        if let expected, try own.text() != expected {
            throw own.fault(value: try own.text(), "but the file is called \(expected).yaml")
        }
        self.init(
            name: try Plain.word(own), version: try Plain.word(try map.required("version")),
            suite: suites.isEmpty
                ? try Plain.word(try map.required("suite")) : try map.required("suite").one(named: suites),
            packages: try map.required("packages").list(isEmptyAllowed: false, Plain.package),
            image: try Plain.path(try map.required("image")), arguments: try Plain.line(try map.required("arguments")),
            programs: try Programs(try map.required("programs")),
            files: try map.required("files").list(Plain.path),
            libraries: try map.required("libraries").list(Plain.path),
            opened: try map.required("opened").list(Plain.word),
            processor: try Plain.text(try map.required("processor")),
            virtualization: try Plain.features(try map.required("virtualization")),
            hardwareDom0: try map.required("pvh-dom0").list(Plain.argument),
            deviceModel: try map.optional("device-model", DeviceModel.init),
            small: try map.optional("small-toolstack", SmallToolstack.init))
    }
}

extension HypervisorDescription.Programs {
    fileprivate init(_ value: YamlValue) throws(YamlFault) {
        let map = try value.mapping([
            "busybox", "xl", "xenstored", "xenconsoled", "xen-init-dom0", "xenstore-read", "xenstore-write",
        ])
        func path(_ key: String) throws(YamlFault) -> String { try Plain.path(try map.required(key)) }
        self.init(
            busybox: try path("busybox"), xl: try path("xl"), xenstored: try path("xenstored"),
            xenconsoled: try path("xenconsoled"), initDom0: try path("xen-init-dom0"),
            xenstoreRead: try path("xenstore-read"), xenstoreWrite: try path("xenstore-write"))
    }
}

extension HypervisorDescription.DeviceModel {
    fileprivate init(_ value: YamlValue) throws(YamlFault) {
        let map = try value.mapping(["packages", "program", "files"])
        self.init(
            packages: try map.required("packages").list(Plain.package),
            program: try Plain.path(try map.required("program")), files: try map.required("files").list(Plain.path))
    }
}

extension SmallToolstack {
    fileprivate init(_ value: YamlValue) throws(YamlFault) {
        let map = try value.mapping(["packages", "headers", "whole", "archives"])
        self.init(
            packages: try map.required("packages").list(isEmptyAllowed: false, Plain.package),
            headers: try Plain.path(try map.required("headers")), whole: try Plain.path(try map.required("whole")),
            archives: try map.required("archives").list(isEmptyAllowed: false, Plain.path))
    }
}

/// Texts that need no quoting anywhere: they end up in scripts, on command lines and as file names.
private enum Plain {
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"'\"\\$`,;&|<>*?()[]{}!#~".utf8.contains($0) }
    }

    static func text(_ value: YamlValue) throws(YamlFault) -> String {
        let text = try value.text()
        guard isPlain(text) else {
            throw value.fault(value: text, "which is not one word of plain characters")
        }
        return text
    }

    static func word(_ value: YamlValue) throws(YamlFault) -> String {
        let text = try text(value)
        guard !text.contains("/") else { throw value.fault(value: text, "which is not one word without a slash") }
        return text
    }

    static func package(_ value: YamlValue) throws(YamlFault) -> String {
        let name = try word(value)
        guard !name.hasPrefix("-") else { throw value.fault(value: name, "which is not a package's name") }
        return name
    }

    static func path(_ value: YamlValue) throws(YamlFault) -> String {
        let text = try value.text()
        guard isPlain(text), text.hasPrefix("/"), !text.split(separator: "/").contains("..") else {
            throw value.fault(value: text, "which is not an absolute path of plain characters")
        }
        return text
    }

    static func line(_ value: YamlValue) throws(YamlFault) -> String {
        let text = try value.text()
        guard !text.contains(where: \.isNewline) else { throw value.fault("must be one line") }
        return text
    }

    static func argument(_ value: YamlValue) throws(YamlFault) -> String {
        let text = try value.text()
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw value.fault(value: text, "which is not one of QEMU's arguments, without spaces")
        }
        return text
    }

    static func features(_ value: YamlValue) throws(YamlFault) -> String {
        let text = try value.text()
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw value.fault(value: text, "which is not QEMU's list of features without spaces, such as +svm,+npt")
        }
        return text
    }
}
