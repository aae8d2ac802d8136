#include "CVersion.h"

const char *dom0kit_commit(void) { return DOM0KIT_COMMIT; }
