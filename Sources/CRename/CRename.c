// The module is its header; a target has to have a source file.
#include "CRename.h"
