/* The constants of Xen's public headers (Debian: libxen-dev), and those that came after the oldest headers in use. */
#ifndef DOM0KIT_CXEN_H
#define DOM0KIT_CXEN_H

#include <stdint.h>
#include <xen/elfnote.h>
#include <xen/features.h>

/* Xen 4.20 */
#ifndef XEN_ELFNOTE_PHYS32_RELOC
#define XEN_ELFNOTE_PHYS32_RELOC 19
#endif

/* Xen 4.18 */
#ifndef XENFEAT_runstate_phys_area
#define XENFEAT_runstate_phys_area 18
#endif
#ifndef XENFEAT_vcpu_time_phys_area
#define XENFEAT_vcpu_time_phys_area 19
#endif

/* Xen 4.21 */
#ifndef XENFEAT_dm_msix_all_writes
#define XENFEAT_dm_msix_all_writes 20
#endif

#endif
