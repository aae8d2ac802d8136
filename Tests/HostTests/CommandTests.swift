import Bytes
import Diagnostics
import Foundation
import Host
import Synchronization
import SystemPackage
import Testing

private let variables = ["PATH": "/usr/bin:/bin"]

@Suite struct CommandRunTests {
    @Test func capturesBothStreamsAndTheStatus() async throws {
        let output = try await Command("sh", ["-c", "echo out; echo err >&2; exit 3"], environment: variables).capture()
        #expect(output.standardOutput == Array("out\n".utf8))
        #expect(output.standardError == Array("err\n".utf8))
        #expect(output.termination == .exited(3))
    }

    @Test func theEnvironmentIsOnlyWhatIsGiven() async throws {
        let output = try await Command("env", environment: ["PATH": "/usr/bin:/bin", "A": "b c"]).capture()
        let lines = Set(String(decoding: output.standardOutput, as: UTF8.self).split(separator: "\n").map(String.init))
        #expect(lines == ["PATH=/usr/bin:/bin", "A=b c"])
    }

    @Test func streamsLinesInOrderAndKeepsTheLog() async throws {
        let log = FilePath(NSTemporaryDirectory()).appending("dom0kit-log-\(UUID().uuidString)")
        defer { try? Files.remove(log) }
        let lines = Mutex<[String]>([])
        let termination = try await Command(
            "sh", ["-c", "for i in 1 2 3; do echo $i; done; echo e >&2; printf last"], environment: variables
        ).stream(log: log) { line in lines.withLock { $0.append(line) } }
        #expect(termination == .exited(0))
        #expect(lines.withLock { $0 } == ["1", "2", "3", "e", "last"])
        #expect(try Files.read(log) == Array("1\n2\n3\ne\nlast".utf8))
    }

    @Test func aMissingToolNamesItsPackage() async {
        let error = await #expect(throws: HostError.self) {
            try await Command("no-such-tool", environment: variables, package: "its-package").capture()
        }
        #expect(error?.category == .missingTool)
        #expect(error?.remedy?.contains("its-package") == true)
    }

    @Test func theDeadlineEndsTheProgram() async {
        let error = await #expect(throws: HostError.self) {
            try await Command("sleep", ["60"], environment: variables, deadline: .milliseconds(100)).capture()
        }
        #expect(error?.category == .infrastructure)
    }

    @Test(arguments: [("a b", "'a b'"), ("it's", "'it'\\''s'"), ("", "''"), ("plain-1.0_x/=", "plain-1.0_x/=")])
    func shellQuoting(word: String, quoted: String) async throws {
        #expect(Shell.quoted(word) == quoted)
        let output = try await Command("sh", ["-c", "printf %s \(quoted)"], environment: variables).capture()
        #expect(output.standardOutput == Array(word.utf8))
    }
}

@Suite struct LineSplitterTests {
    @Test(arguments: [1, 2, 3, 7, 100])
    func whateverThePieces(size: Int) {
        let text = Array("one\ntwo\r\n\nlast".utf8)
        var splitter = LineSplitter()
        var lines: [String] = []
        for start in stride(from: 0, to: text.count, by: size) {
            lines += splitter.append(Array(text[start..<min(start + size, text.count)]))
        }
        if let rest = splitter.finish() { lines.append(rest) }
        #expect(lines == ["one", "two", "", "last"])
    }
}

extension LineSplitterTests {
    @Test("a stream without ends of line is cut into lines of a bounded length", arguments: [1000, 70_000, 1 << 20])
    func endless(size: Int) {
        var splitter = LineSplitter()
        var lines: [String] = []
        let total = 3 * LineSplitter.longest + 5
        var sent = 0
        while sent < total {
            let piece = min(size, total - sent)
            lines += splitter.append([UInt8](repeating: UInt8(ascii: "x"), count: piece))
            sent += piece
        }
        #expect(lines.map(\.utf8.count) == [LineSplitter.longest, LineSplitter.longest, LineSplitter.longest])
        #expect(splitter.finish() == "xxxxx")
    }
}

@Suite struct WorkspaceLockTests {
    @Test func oneAtATimeAndTheHolderIsNamed() throws {
        let folder = FilePath(NSTemporaryDirectory()).appending("dom0kit-lock-\(UUID().uuidString)")
        try Files.createDirectories(folder)
        defer { try? Files.remove(folder) }
        let lock = try WorkspaceLock(folder: folder, holder: "the first, process 1")
        let error = #expect(throws: HostError.self) { try WorkspaceLock(folder: folder, holder: "the second") }
        #expect(error?.message.contains("the first, process 1") == true)
        #expect(error?.category == .cannotCreate)
        lock.release()
        let again = try WorkspaceLock(folder: folder, holder: "the third")
        again.release()
    }

    @Test func aFolderThatCannotBeWritten() {
        let error = #expect(throws: HostError.self) { try WorkspaceLock(folder: "/proc", holder: "x") }
        #expect(error?.category == .cannotCreate)
    }
}
