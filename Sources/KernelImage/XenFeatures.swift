import CXen

/// The feature flags of `xen/features.h`.
enum XenFeatures {
    /// Every flag with a name, by bit.
    static let names: [Int: String] = [
        Int(XENFEAT_writable_page_tables): "writable_page_tables",
        Int(XENFEAT_writable_descriptor_tables): "writable_descriptor_tables",
        Int(XENFEAT_auto_translated_physmap): "auto_translated_physmap",
        Int(XENFEAT_supervisor_mode_kernel): "supervisor_mode_kernel",
        Int(XENFEAT_pae_pgdir_above_4gb): "pae_pgdir_above_4gb",
        Int(XENFEAT_mmu_pt_update_preserve_ad): "mmu_pt_update_preserve_ad",
        Int(XENFEAT_highmem_assist): "highmem_assist",
        Int(XENFEAT_gnttab_map_avail_bits): "gnttab_map_avail_bits",
        Int(XENFEAT_hvm_callback_vector): "hvm_callback_vector",
        Int(XENFEAT_hvm_safe_pvclock): "hvm_safe_pvclock",
        Int(XENFEAT_hvm_pirqs): "hvm_pirqs",
        Int(XENFEAT_dom0): "dom0",
        Int(XENFEAT_memory_op_vnode_supported): "memory_op_vnode_supported",
        Int(XENFEAT_ARM_SMCCC_supported): "ARM_SMCCC_supported",
        Int(XENFEAT_linux_rsdp_unrestricted): "linux_rsdp_unrestricted",
        Int(XENFEAT_not_direct_mapped): "not_direct_mapped",
        Int(XENFEAT_direct_mapped): "direct_mapped",
        Int(XENFEAT_runstate_phys_area): "runstate_phys_area",
        Int(XENFEAT_vcpu_time_phys_area): "vcpu_time_phys_area",
        Int(XENFEAT_dm_msix_all_writes): "dm_msix_all_writes",
    ]

    /// The flags that Xen's loader knows by name; any other name after a `!` makes it refuse the kernel.
    /// Source: `elf_xen_feature_names` in `xen/common/libelf/libelf-dominfo.c`.
    static let loaderNames: [String: Int] = [
        "writable_page_tables": Int(XENFEAT_writable_page_tables),
        "writable_descriptor_tables": Int(XENFEAT_writable_descriptor_tables),
        "auto_translated_physmap": Int(XENFEAT_auto_translated_physmap),
        "supervisor_mode_kernel": Int(XENFEAT_supervisor_mode_kernel),
        "pae_pgdir_above_4gb": Int(XENFEAT_pae_pgdir_above_4gb),
        "hvm_callback_vector": Int(XENFEAT_hvm_callback_vector),
        "dom0": Int(XENFEAT_dom0),
    ]

    /// A feature text taken apart: `a|!b|c`.
    struct Parsed {
        var supported: Set<Int> = []
        var required: Set<Int> = []
        /// The first required name Xen's loader does not know; it stops there.
        var unknownRequired: String?
    }

    /// Reads a feature text as `elf_xen_parse_features` does: names split at `|`, cut after 62 bytes, `!` for required.
    static func parse(_ text: String) -> Parsed {
        var parsed = Parsed()
        for word in text.utf8.split(separator: UInt8(ascii: "|")) {
            let required = word.first == UInt8(ascii: "!")
            let name = String(decoding: required ? word.dropFirst() : word, as: UTF8.self)
            if let bit = loaderNames[name], word.count < 63 {
                parsed.supported.insert(bit)
                if required { parsed.required.insert(bit) }
            } else if required {
                parsed.unknownRequired = name
                return parsed
            }
        }
        return parsed
    }
}
