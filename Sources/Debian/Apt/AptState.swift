import Bytes
import Host
import SystemPackage

/// A private apt: its own lists, cache, sources and configuration in one folder, usable without root.
struct AptState: Sendable {
    /// The folder of all of it.
    let folder: FilePath
    /// What its indexes list.
    let kind: AptSource.Kind
    let architecture: String
    /// The environment of apt's processes, without `APT_CONFIG`.
    let environment: [String: String]

    var configuration: FilePath { folder.appending("apt.conf") }
    var sources: FilePath { folder.appending("suite.sources") }
    var updated: FilePath { folder.appending("updated") }

    /// Makes the folders and the configuration file.
    ///
    /// `APT_CONFIG` is read before everything else, so it can switch off the machine's own files (apt.conf(5)): hooks such
    /// as those of Debian's container images, pins, and further index targets. What the machine says on how to reach
    /// mirrors is carried over.
    func prepare(acquire: [String]) throws(BytesError) {
        for part in ["lists/partial", "archives/partial", "empty"] {
            try Files.createDirectories(folder.appending(part))
        }
        try Files.write("", to: folder.appending("status"))
        let settings =
            acquire + [
                "Dir::State \(Self.quoted(folder.string))",
                "Dir::State::Lists \(Self.quoted(folder.appending("lists").string))",
                "Dir::State::status \(Self.quoted(folder.appending("status").string))",
                "Dir::Cache \(Self.quoted(folder.string))",
                "Dir::Cache::Archives \(Self.quoted(folder.appending("archives").string))",
                "Dir::Etc::SourceList \(Self.quoted(sources.string))",
                "Dir::Etc::SourceParts \"/dev/null\"",
                "Dir::Etc::Main \"/dev/null\"",
                "Dir::Etc::Parts \"/dev/null\"",
                "Dir::Etc::Preferences \"/dev/null\"",
                "Dir::Etc::PreferencesParts \"/dev/null\"",
                "APT::Architecture \(Self.quoted(architecture))",
                "APT::Architectures { \(Self.quoted(architecture)); }",
                // The folder may be one that apt's own user cannot enter.
                "APT::Sandbox::User \"root\"",
                "APT::Update::Error-Mode \"any\"",
                "APT::Get::AllowUnauthenticated \"false\"",
                "Acquire::AllowInsecureRepositories \"false\"",
                "Acquire::Languages \"none\"",
                "Acquire::Retries \"2\"",
                "Acquire::http::Timeout \"30\"",
                "Acquire::https::Timeout \"30\"",
            ]
        try Files.write(settings.map { $0 + ";\n" }.joined(), to: configuration)
    }

    /// A command of apt's with this state.
    func command(_ tool: String, _ arguments: [String], deadline: Duration, in folder: FilePath? = nil) -> Command {
        var environment = environment
        environment["APT_CONFIG"] = configuration.string
        environment["LC_ALL"] = "C"
        return Command(
            tool, arguments, environment: environment, workingDirectory: folder, deadline: deadline, package: "apt")
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"") + "\""
    }

    /// The settings in the output of `apt-config dump` that say how to reach mirrors (proxies, certificates, timeouts)
    /// and how old their signed indexes may be.
    static func reachingMirrors(dump: String) -> [String] {
        dump.split(whereSeparator: \.isNewline).compactMap { line in
            guard line.hasSuffix(";"), let end = line.firstIndex(of: " ") else { return nil }
            let name = line[..<end].lowercased()
            let methods = ["acquire::http::", "acquire::https::", "acquire::http-", "acquire::ftp::", "acquire::socks"]
            // A machine whose mirror is a snapshot says so here: its Release files are past their Valid-Until.
            let dates = ["acquire::check-valid-until ", "acquire::check-date ", "acquire::max-futuretime "]
            guard methods.contains(where: name.hasPrefix) || dates.contains(name + " ") else { return nil }
            return String(line.dropLast())
        }
    }
}
