import Bytes
import SystemPackage

/// The room that is left on the disk of a folder.
///
/// On a full disk `apt-get update` neither ends nor says anything: its methods wait for each other. So the disk is watched
/// while apt runs.
struct DiskRoom: Sendable {
    let folder: FilePath

    /// Does something that writes to the folder, and ends it where the disk stays full for a while.
    /// - Throws: ``PackagesError/cannotStore(folder:detail:full:)``, and what `body` throws.
    func watched<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                var times = 0
                while times < 6 {
                    // Cancelled as soon as the body is done.
                    do { try await Task.sleep(for: .milliseconds(500)) } catch { return nil }
                    times = Files.isFull(folder) ? times + 1 : 0
                }
                throw PackagesError.cannotStore(folder: folder, detail: "No space left on device", full: true)
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }
}
