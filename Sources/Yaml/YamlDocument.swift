public import SystemPackage
import Yams

/// Parses the kit's YAML files: one document, a mapping, without duplicate keys.
public enum YamlDocument {
    /// The largest file that is read, in bytes: the kit's own have a few thousand.
    static let mostBytes = 1 << 20

    /// The most anchors and aliases that a file may have: aliases of aliases grow without bounds, and none of the kit's
    /// files has any.
    static let mostAliases = 16

    /// Parses a file's content.
    /// - Parameters:
    ///   - bytes: The content, UTF-8.
    ///   - file: What faults call the file.
    /// - Returns: The top-level value, not yet looked at.
    /// - Throws: ``YamlFault`` with line and column for what is not YAML.
    public static func parse(_ bytes: [UInt8], file: FilePath) throws(YamlFault) -> YamlValue {
        func fault(
            _ reason: String, line: Int? = nil, column: Int? = nil, key: String = ""
        ) -> YamlFault {
            YamlFault(file: file, line: line, column: column, key: key, reason: reason)
        }
        guard bytes.count <= mostBytes else { throw fault("the file is larger than \(mostBytes) bytes") }
        guard aliases(bytes) <= mostAliases else {
            throw fault("the file has more than \(mostAliases) anchors and aliases (&NAME, *NAME)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw fault("the file is not UTF-8 text", line: lineOfBrokenText(bytes))
        }
        do {
            guard let node = try Yams.compose(yaml: text) else { throw fault("the file is empty") }
            return YamlValue(node: node, file: file, key: "")
        } catch let error as YamlFault {
            throw error
        } catch let error as YamlError {
            switch error {
            case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
                .composer(let context, let problem, let mark, _):
                let during = context.map { " \($0.text) in line \($0.mark.line)" } ?? ""
                throw fault("the file is not YAML: \(problem)\(during)", line: mark.line, column: mark.column)
            case .reader(let problem, let offset, _, let text):
                let line = offset.map { text.prefix($0).count(where: \.isNewline) + 1 }
                throw fault("the file is not YAML: \(problem)", line: line)
            case .duplicatedKeysInMapping(let keys, let context):
                let name = keys.first ?? "?"
                throw fault(
                    "the key \(YamlFault.quoted(name)) is given more than once; this is the first",
                    line: context.mark.line, key: name)
            default: throw fault("the file is not YAML: \(error)")
            }
        } catch {
            throw fault("the file is not YAML")
        }
    }

    /// How many words of a text may be anchors or aliases, those in quotes and comments after text among them.
    private static func aliases(_ bytes: [UInt8]) -> Int {
        bytes.indices.dropFirst().count { index in
            guard bytes[index] == UInt8(ascii: "*") || bytes[index] == UInt8(ascii: "&") else { return false }
            let (before, after) = (bytes[index - 1], index + 1 < bytes.count ? bytes[index + 1] : 32)
            return " \t\r\n[{,:?-".utf8.contains(before) && !" \t\r\n".utf8.contains(after)
        }
    }

    /// The line of the first byte that does not belong to a character.
    private static func lineOfBrokenText(_ bytes: [UInt8]) -> Int {
        var line = 1
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { return line }
            line += 1
        }
        return line
    }
}
