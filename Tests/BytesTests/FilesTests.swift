import Bytes
import Diagnostics
import Foundation
import SystemPackage
import Testing

@Suite struct FilesTests {
    private let folder = FilePath(NSTemporaryDirectory()).appending("dom0kit-bytes-\(UUID().uuidString)")

    @Test func writesWholeAndReadsBack() throws {
        try Files.createDirectories(folder.appending("a").appending("b"))
        defer { try? Files.remove(folder) }
        let path = folder.appending("a").appending("file")
        let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        try Files.write(content, to: path)
        #expect(try Files.read(path) == content)
        try Files.write([], to: path)
        #expect(try Files.read(path).isEmpty)
        #expect(try Files.list(folder.appending("a")) == ["b", "file"])
    }

    @Test func readsFilesWithoutASize() throws {
        #expect(try Files.read("/proc/self/status").starts(with: "Name:".utf8))
    }

    @Test func removesLinksAndNotWhatTheyPointTo() throws {
        try Files.createDirectories(folder.appending("kept"))
        defer { try? Files.remove(folder) }
        try Files.write("x", to: folder.appending("kept").appending("file"))
        try Files.createDirectories(folder.appending("gone"))
        symlink("../kept", folder.appending("gone").appending("link").string)
        try Files.remove(folder.appending("gone"))
        #expect(!Files.exists(folder.appending("gone")))
        #expect(Files.exists(folder.appending("kept").appending("file")))
    }

    @Test(arguments: [
        ("/nonexistent/file", ErrorCategory.missingInput), ("/proc", .missingInput), ("/etc/passwd/x", .missingInput),
    ])
    func errorsNameTheFileAndSortThemselves(path: String, category: ErrorCategory) {
        let error = #expect(throws: BytesError.self) { _ = try Files.read(FilePath(path)) }
        #expect(error?.category == category)
        #expect(error?.message.contains(path) == true)
    }

    @Test(arguments: [
        (Errno.noSpace, ErrorCategory.inputOutput), (.diskQuotaExceeded, .inputOutput),
        (.readOnlyFileSystem, .cannotCreate), (.permissionDenied, .cannotCreate),
    ])
    func failedWritesSortThemselves(errno: Errno, category: ErrorCategory) {
        let error = BytesError(path: "/some/file", operation: .write, errno: errno)
        #expect(error.category == category)
        #expect(error.remedy != nil)
    }

    @Test func aFolderThatCannotHoldFiles() {
        let error = #expect(throws: BytesError.self) { try Files.write("x", to: "/proc/dom0kit") }
        #expect(error?.category == .cannotCreate)
    }
}

@Suite struct DigestTests {
    /// FIPS 180-4's own example values.
    @Test func knownValues() {
        #expect(Digest(of: "abc").hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Digest(of: "").hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        var stream = DigestStream(.sha1)
        stream.update(Array("abc".utf8))
        #expect(stream.finish() == "a9993e364706816aba3e25717850c26c9cd0d89d")
    }

    @Test func aFileInPieces() throws {
        let path = FilePath(NSTemporaryDirectory()).appending("dom0kit-digest-\(UUID().uuidString)")
        defer { try? Files.remove(path) }
        let content = [UInt8](repeating: 7, count: 1_000_003)
        try Files.write(content, to: path)
        #expect(try Digest(ofFile: path) == Digest(of: content))
    }

    @Test(arguments: ["", "xyz", String(repeating: "g", count: 64)])
    func whatIsNoDigest(text: String) { #expect(Digest(hex: text) == nil) }
}
