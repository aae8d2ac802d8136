import Glibc
public import SystemPackage

extension Blob {
    /// The content of an open regular file, read once into the place where it stays.
    ///
    /// The bytes are a copy: whatever happens to the file later does not show in them.
    /// - Parameters:
    ///   - descriptor: Read from its beginning; stays open.
    ///   - size: How long it is thought to be, in bytes.
    /// - Throws: `Errno`.
    public static func reading(_ descriptor: FileDescriptor, size: Int) throws(Errno) -> Blob {
        var capacity = max(size, 0)
        while true {
            var complete = false
            let blob = try Blob(capacity: capacity + 1) { (target) throws(Errno) in
                var filled = 0
                while filled < target.count {
                    let received = pread(
                        descriptor.rawValue, target.baseAddress.map { $0 + filled }, target.count - filled,
                        off_t(filled))
                    if received < 0 {
                        if errno == EINTR { continue }
                        throw Errno(rawValue: errno)
                    }
                    filled += received
                    // Less than asked for at the length that was foreseen is the end; elsewhere only nothing at all is.
                    if received == 0 || filled == capacity {
                        complete = true
                        break
                    }
                }
                return filled
            }
            if complete { return blob }
            // It has grown since it was looked at.
            capacity = capacity * 2 + 65536
        }
    }

    /// The content of an open regular file where the system keeps it, without a copy.
    ///
    /// What another program changes in the file meanwhile may show in the bytes, so that whoever uses them has to look
    /// afterwards whether it is still the same file; and a file that is cut off ends the process with SIGBUS.
    /// - Parameters:
    ///   - descriptor: May be closed afterwards.
    ///   - size: How long it is, in bytes.
    /// - Throws: `Errno`.
    public static func mapping(_ descriptor: FileDescriptor, size: Int) throws(Errno) -> Blob {
        // Nothing cannot be mapped, and a little is copied in less time.
        guard size >= 2048 else { return try reading(descriptor, size: size) }
        guard let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor.rawValue, 0),
            memory != MAP_FAILED
        else { return try reading(descriptor, size: size) }
        nonisolated(unsafe) let mapped = memory
        return Blob(adopting: UnsafeRawBufferPointer(start: memory, count: size), isMapped: true) {
            munmap(mapped, size)
        }
    }
}
