public import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif
extension Blob {
    /// The content of an open regular file, read once into the place where it stays.
    ///
    /// Files are not mapped: one that another program cuts off meanwhile would end this one.
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
}
