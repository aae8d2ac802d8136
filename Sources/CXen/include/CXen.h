/* The constants of Xen's public headers (Debian: libxen-dev) that Swift cannot see as macros of mixed types. */
#ifndef DOM0KIT_CXEN_H
#define DOM0KIT_CXEN_H

#include <stdint.h>
#include <xen/elfnote.h>
#include <xen/features.h>

#endif
