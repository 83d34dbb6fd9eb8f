#include "dataplane_shim.h"
#include <rte_version.h>

#define TEXT(x) #x
#define NUMBER(x) TEXT(x)

int dp_abi_version(void) { return DP_ABI_VERSION; }

const char *dp_dpdk_version(void) { return rte_version(); }

const char *dp_compiled_dpdk_version(void) {
    return RTE_VER_PREFIX " " NUMBER(RTE_VER_YEAR) "." NUMBER(RTE_VER_MONTH) "." NUMBER(RTE_VER_MINOR);
}
