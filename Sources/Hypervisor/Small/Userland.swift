/// What runs in domain 0 and in the guests of a boot.
public enum Userland: String, Sendable, Codable, CaseIterable {
    /// The hypervisor's own toolstack of its packages, under busybox: `xl`, xenstored, xenconsoled.
    case full
    /// The kit's static init and small toolstack, which need nothing of a kernel but what 2.6.18 has: a PV guest, its
    /// start and its console.
    case small
}

/// What the kit's small toolstack is built with, as a test hypervisor's description says it.
public struct SmallToolstack: Sendable, Equatable, Encodable {
    /// The hypervisor, and the development packages of the libraries.
    public var packages: [String]
    /// The folder with Xen's headers.
    public var headers: String
    /// The archive of which everything is linked: its loaders for images register themselves.
    public var whole: String
    /// The archives it needs, in the order of linking.
    public var archives: [String]
}

extension BootRequest {
    /// Refuses what the small userland cannot do.
    package func requireUserland() throws(HypervisorError) {
        guard userland == .small else {
            if triesPrograms {
                throw .request(
                    reason: "programs are tried under the small userland: the full one is made of nothing else")
            }
            return
        }
        if guests.contains(where: { $0 != .pv }) {
            throw .request(reason: "the small userland starts PV guests only")
        }
    }

    /// The kernel command line of a guest.
    var guestArguments: String { "\(console) earlyprintk=xen panic=1" }
}
