import Bytes
import Foundation
import SystemPackage
import TestSupport
import Testing

/// The documentation says what the program does: nothing that a reader looks up is missing.
struct DocumentationTests {
    private static let checkout = JSONSchemas.checkout
    private static let pages = checkout.pushing("Sources/dom0kit/Documentation.docc")

    private static func text(_ path: FilePath) throws -> String {
        String(decoding: try Files.read(path), as: UTF8.self)
    }

    /// The page is made from the commands: `make reference` renews it.
    @Test func commandsAreDescribedAsTheyAre() throws {
        let ended = try run(
            "/usr/bin/python3",
            [Self.checkout.pushing(".ci/commands").string, "--check", CommandFolder.program.path])
        #expect(ended.status == 0, "\(ended.text)")
    }

    @Test func everyExitCodeHasItsSection() throws {
        let page = try Self.text(Self.pages.pushing("Reference/ExitCodes.md"))
        let source = try Self.text(Self.checkout.pushing("Sources/Diagnostics/ExitStatus.swift"))
        let codes = source.matches(of: /case \w+ = (\d+)/).map { String($0.output.1) }
        #expect(codes.count > 15)
        for code in codes { #expect(page.contains("\(code):") || page.contains("\(code),"), "no section for \(code)") }
    }

    @Test func everyModuleIsInTheTable() throws {
        let page = try Self.text(Self.pages.pushing("Architecture.md"))
        let modules = try Files.list(Self.checkout.pushing("Sources"))
        #expect(modules.count > 20)
        for module in modules { #expect(page.contains("`\(module)`"), "\(module) is not in the table") }
    }

    @Test func everyResultIsListed() throws {
        let page = try Self.text(Self.pages.pushing("Reference/JSONResults.md"))
        for name in try JSONSchemas.names() { #expect(page.contains("`\(name)`"), "\(name) is not listed") }
    }

    @Test func everyProfileKeyIsExplained() throws {
        let page = try Self.text(Self.pages.pushing("Reference/ProfileKeys.md"))
        let schema = try JSONSerialization.jsonObject(
            with: Data(try Files.read(Self.checkout.pushing("Sources/Report/Schemas/profile-show.schema.json"))))
        func keys(_ node: Any) -> [String] {
            guard let map = node as? [String: Any] else { return [] }
            return map.flatMap { name, value in
                name == "properties"
                    ? (value as? [String: Any] ?? [:]).flatMap { [$0.key] + keys($0.value) } : keys(value)
            }
        }
        // What stands in the place of a profile that is not shown is no key of one.
        var parts = try #require((schema as? [String: Any])?["$defs"] as? [String: Any])
        parts["gap"] = nil
        let all = keys(parts)
        #expect(all.count > 20)
        for key in Set(all) { #expect(page.contains("`\(key)`"), "'\(key)' is not explained") }
    }

    @Test func everyVariableIsListed() throws {
        let page = try Self.text(Self.pages.pushing("Reference/EnvironmentVariables.md"))
        let read = output(
            "git",
            [
                "grep", "-hoE", #"(environment|variables)\[ ?"[A-Z0-9_]+"|getenv\("[A-Z0-9_]+""#, "--", "Sources",
                "Tests",
            ], in: Self.checkout.string)
        let names = Set(
            String(decoding: try #require(read), as: UTF8.self).matches(of: /"([A-Z0-9_]+)"/).map {
                String($0.output.1)
            })
        #expect(names.contains("DOM0KIT_DATA") && names.count > 8)
        for name in names where name.hasPrefix("DOM0KIT_") {
            #expect(page.contains("`\(name)`"), "\(name) is not listed")
        }
    }

    /// Links between the pages, and from the README and the notes for contributors to files of the checkout.
    @Test func linksLeadSomewhere() throws {
        let listed = try #require(output("git", ["ls-files", "*.md"], in: Self.checkout.string))
        let files = String(decoding: listed, as: UTF8.self).split(separator: "\n").map { FilePath(String($0)) }
        let names = Set(files.compactMap(\.stem))
        #expect(names.contains("Glossary"))
        for file in files {
            let text = try Self.text(Self.checkout.pushing(file))
            for link in text.matches(of: /<doc:(\w+)>/) {
                #expect(names.contains(String(link.output.1)), "\(file): <doc:\(link.output.1)>")
            }
            for link in text.matches(of: /\]\(([^):#]+)\)/) {
                let target = Self.checkout.pushing(file).removingLastComponent().pushing(
                    FilePath(String(link.output.1)))
                #expect(Files.exists(target.lexicallyNormalized()), "\(file): \(link.output.1)")
            }
        }
    }
}
