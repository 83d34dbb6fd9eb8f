#include "dataplane_shim.h"
#include "log.h"
#include <errno.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>

int dp_eal_init(int argc, char **argv) {
    /* EAL prints its usage on stdout and its alarms on stderr. Only the C streams are replaced, not the
     * descriptors. */
    FILE *out = stdout, *err = stderr, *log = dp_log_stream();
    if (log != NULL)
        stdout = stderr = log;
    int parsed = rte_eal_init(argc, argv);
    int error = rte_errno;
    stdout = out;
    stderr = err;
    if (log != NULL)
        fflush(log);
    return parsed >= 0 ? 0 : error > 0 ? -error : -EFAULT;
}

int dp_eal_cleanup(void) { return rte_eal_cleanup() == 0 ? 0 : -rte_errno; }

const char *dp_eal_runtime_dir(void) { return rte_eal_get_runtime_dir(); }

uint64_t dp_tsc_hz(void) { return rte_get_tsc_hz(); }

int dp_lcore_id(void) { return rte_lcore_id() == LCORE_ID_ANY ? -1 : (int)rte_lcore_id(); }
