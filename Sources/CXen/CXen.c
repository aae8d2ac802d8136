#include "CXen.h"
