import Bytes
import FoundationEssentials
public import SystemPackage
import Yams

/// A test hypervisor as data: which packages it is made of and where its parts are in them.
///
/// Written as YAML in `Profiles/hypervisors/NAME.yaml`. All paths are absolute inside the unpacked packages.
public struct HypervisorDescription: Sendable, Equatable, Codable {
    /// The programs that dom0's init runs.
    public struct Programs: Sendable, Equatable, Codable {
        /// A static busybox: the whole userland of dom0 and of the guests.
        public var busybox: String
        /// The toolstack; its version must match the hypervisor's.
        public var xl: String
        /// The C xenstored.
        public var xenstored: String
        /// Connects guests' consoles to log files.
        public var xenconsoled: String
        /// Sets up domain 0's own entries in xenstore.
        public var initDom0: String
        /// Reads a xenstore key.
        public var xenstoreRead: String
        /// Writes a xenstore key.
        public var xenstoreWrite: String

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case busybox, xl, xenstored, xenconsoled
            case initDom0 = "xen-init-dom0"
            case xenstoreRead = "xenstore-read"
            case xenstoreWrite = "xenstore-write"
        }

        static let keys = Set(CodingKeys.allCases.map(\.rawValue))
        /// All of them.
        var all: [String] { [busybox, xl, xenstored, xenconsoled, initDom0, xenstoreRead, xenstoreWrite] }
    }

    /// What HVM guests need beyond the rest.
    public struct DeviceModel: Sendable, Equatable, Codable {
        /// More packages of the same suite.
        public var packages: [String]
        /// Xen's device model.
        public var program: String
        /// Files and folders that are copied as they are (firmware, keymaps).
        public var files: [String]
    }

    /// Its name, as `--hypervisor` takes it; the file is called after it.
    public var name: String
    /// The version the hypervisor must say it has, such as `4.17`; `4.17.7` fits too.
    public var version: String
    /// The Debian release whose packages these are, such as `bookworm`.
    public var suite: String
    /// The packages, dependencies included: nothing is resolved.
    public var packages: [String]
    /// The hypervisor's image, compressed or not.
    public var image: String
    /// Its command line, without what a boot adds (`dom0_mem=`, `dom0=pvh`).
    public var arguments: String
    /// The programs of dom0.
    public var programs: Programs
    /// More files that dom0's programs open or run (`libxl-save-helper`).
    public var files: [String]
    /// Folders in which shared libraries are looked for, in order.
    public var libraries: [String]
    /// Names of libraries that programs open while they run, such as `libgcc_s.so.1` for `pthread_exit`.
    public var opened: [String]
    /// The processor model that QEMU emulates.
    public var processor: String
    /// Processor features that HVM and PVH need, added to ``processor``: `+svm,+npt`.
    public var virtualization: String
    /// What HVM guests need; `nil` where they cannot be tested.
    public var deviceModel: DeviceModel?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case name, version, suite, packages, image, arguments, programs, files, libraries, opened, processor,
            virtualization
        case deviceModel = "device-model"
    }

    /// Reads a description.
    /// - Throws: ``HypervisorError/malformedDescription(path:reason:)``, or ``BytesError`` where it cannot be read.
    public static func read(_ path: FilePath) throws -> HypervisorDescription {
        try parse(try Files.read(path), path: path)
    }

    /// Parses a description.
    /// - Parameter path: What errors call it.
    /// - Throws: ``HypervisorError/malformedDescription(path:reason:)``.
    public static func parse(_ bytes: [UInt8], path: FilePath) throws(HypervisorError) -> HypervisorDescription {
        do {
            let text = String(decoding: bytes, as: UTF8.self)
            try rejectUnknownKeys(text)
            let description = try YAMLDecoder().decode(HypervisorDescription.self, from: text)
            try description.validate()
            return description
        } catch let problem as Problem {
            throw .malformedDescription(path: path, reason: problem.text)
        } catch let DecodingError.keyNotFound(key, _) {
            throw .malformedDescription(path: path, reason: "'\(key.stringValue)' is missing")
        } catch let DecodingError.typeMismatch(_, context) {
            let name = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw .malformedDescription(path: path, reason: "'\(name)' is of the wrong kind")
        } catch {
            throw .malformedDescription(path: path, reason: "\(error)")
        }
    }

    private struct Problem: Error { let text: String }

    private static func rejectUnknownKeys(_ text: String) throws {
        guard let mapping = try Yams.compose(yaml: text)?.mapping else { throw Problem(text: "it is no mapping") }
        try check(mapping, known: Set(CodingKeys.allCases.map(\.rawValue)))
        if let programs = mapping["programs"]?.mapping { try check(programs, known: Programs.keys) }
        if let model = mapping["device-model"]?.mapping { try check(model, known: ["packages", "program", "files"]) }
    }

    private static func check(_ mapping: Node.Mapping, known: Set<String>) throws {
        for key in mapping.keys.compactMap(\.string) where !known.contains(key) {
            throw Problem(text: "unknown key '\(key)'; known are \(known.sorted().joined(separator: ", "))")
        }
    }

    private func validate() throws {
        func plain(_ text: String) -> Bool {
            !text.isEmpty
                && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"'\"\\$`,;&|<>*?()[]{}!#~".utf8.contains($0) }
        }
        for (key, value) in [("name", name), ("version", version), ("suite", suite)]
        where !plain(value) || value.contains("/") {
            throw Problem(text: "'\(key)' is not one plain word: '\(value)'")
        }
        guard !packages.isEmpty else { throw Problem(text: "'packages' is empty") }
        for package in packages + (deviceModel?.packages ?? [])
        where !plain(package) || package.contains("/") || package.hasPrefix("-") {
            throw Problem(text: "'\(package)' is no package name")
        }
        let model = deviceModel.map { [$0.program] + $0.files } ?? []
        for path in [image] + programs.all + files + libraries + model {
            guard plain(path), path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
                throw Problem(text: "'\(path)' is no absolute path of plain characters")
            }
        }
        for library in opened where !plain(library) || library.contains("/") {
            throw Problem(text: "'\(library)' is no library name")
        }
        guard plain(processor), virtualization.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw Problem(text: "'processor' and 'virtualization' are QEMU's words without spaces")
        }
        guard !arguments.contains(where: \.isNewline) else { throw Problem(text: "'arguments' is one line") }
    }
}
