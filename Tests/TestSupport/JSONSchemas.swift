public import SystemPackage

/// The published JSON Schemas of results (`Sources/Report/Schemas`). The validator is Debian's python3-jsonschema, through
/// `.ci/validate`.
public enum JSONSchemas {
    /// The checkout the tests run in.
    public static let checkout = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()

    /// A result that is not as its schema says.
    public struct Mismatch: Error, CustomStringConvertible {
        /// What was run, and what is wrong with its result.
        public let description: String
    }

    /// Validates what the program printed, where its arguments ask for JSON. Fields that the schema does not know are
    /// refused as well. A run that ended without a verdict has printed nothing, which is fine.
    /// - Throws: ``Mismatch``.
    public static func check(_ output: [UInt8], of arguments: [String], status: Int32) throws {
        guard let option = arguments.firstIndex(of: "--format"), arguments.dropFirst(option + 1).first == "json",
            !arguments.contains("--output")
        else { return }
        let command = "dom0kit " + arguments.joined(separator: " ")
        if output.isEmpty {
            if status < 64 { throw Mismatch(description: "\(command): it printed nothing and ended with \(status)") }
            return
        }
        let problems = try validate(output)
        if !problems.isEmpty {
            throw Mismatch(description: "\(command): \(problems)\n\(String(decoding: output, as: UTF8.self))")
        }
    }

    /// What is wrong with a result: a line for each field at fault; empty where it is as its schema says.
    public static func validate(_ result: [UInt8]) throws -> String {
        let ended = try validator(["--closed", "-"], input: result)
        return ended.status == 0 ? "" : ended.text
    }

    /// The names of all schemas, once each was found to be well formed.
    public static func names() throws -> [String] {
        let ended = try validator(["--schemas"], input: nil)
        guard ended.status == 0 else { throw Mismatch(description: ended.text) }
        return String(decoding: ended.output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func validator(_ arguments: [String], input: [UInt8]?) throws -> ToolRun {
        try start(
            "/usr/bin/python3", [checkout.appending(".ci").appending("validate").string] + arguments, in: nil,
            input: input, environment: [:])
    }
}
