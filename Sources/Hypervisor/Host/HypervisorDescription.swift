import SystemPackage

/// A test hypervisor as data: which packages it is made of and where its parts are in them.
///
/// Written as YAML in `Profiles/hypervisors/NAME.yaml`. All paths are absolute inside the unpacked packages.
public struct HypervisorDescription: Sendable, Equatable, Encodable {
    /// The programs that dom0's init runs.
    public struct Programs: Sendable, Equatable, Encodable {
        /// A static busybox: the whole userland of dom0 and of the guests.
        public var busybox: String
        /// The toolstack; its version must match the hypervisor's.
        public var xl: String
        /// The C xenstored.
        public var xenstored: String
        /// Connects guests' consoles to log files.
        public var xenconsoled: String
        /// Sets up domain 0's own entries in xenstore.
        public var initDom0: String
        /// Reads a xenstore key.
        public var xenstoreRead: String
        /// Writes a xenstore key.
        public var xenstoreWrite: String

        /// All of them.
        var all: [String] { [busybox, xl, xenstored, xenconsoled, initDom0, xenstoreRead, xenstoreWrite] }
    }

    /// What HVM guests need beyond the rest.
    public struct DeviceModel: Sendable, Equatable, Encodable {
        /// More packages of the same suite.
        public var packages: [String]
        /// Xen's device model.
        public var program: String
        /// Files and folders that are copied as they are (firmware, keymaps).
        public var files: [String]
    }

    /// Its name, as `--hypervisor` takes it; the file is called after it.
    public var name: String
    /// The version the hypervisor must say it has, such as `4.17`; `4.17.7` fits too.
    public var version: String
    /// The Debian release whose packages these are, such as `bookworm`.
    public var suite: String
    /// The packages, dependencies included: nothing is resolved.
    public var packages: [String]
    /// The hypervisor's image, compressed or not.
    public var image: String
    /// Its command line, without what a boot adds (`dom0_mem=`, `dom0=pvh`).
    public var arguments: String
    /// The programs of dom0.
    public var programs: Programs
    /// More files that dom0's programs open or run (`libxl-save-helper`).
    public var files: [String]
    /// Folders in which shared libraries are looked for, in order.
    public var libraries: [String]
    /// Names of libraries that programs open while they run, such as `libgcc_s.so.1` for `pthread_exit`.
    public var opened: [String]
    /// The processor model that QEMU emulates.
    public var processor: String
    /// Processor features that HVM and PVH need, added to ``processor``: `+svm,+npt`.
    public var virtualization: String
    /// More of QEMU's arguments for a PVH domain 0: a machine with an IOMMU, through which Xen maps what such a domain
    /// has to see of the machine.
    public var hardwareDom0: [String]
    /// What HVM guests need; `nil` where they cannot be tested.
    public var deviceModel: DeviceModel?
    /// The folder of a Xen that was built on this machine, whose files go before those of the packages.
    var build: FilePath?
    /// What the small toolstack is built with; `nil` where there is none.
    public var small: SmallToolstack?
}
