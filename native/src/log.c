/* DPDK's log in memory. DPDK logs from threads of its own, so the text waits here until the managed side
 * takes it: a callback would attach those threads to the managed runtime. */
#include "log.h"
#include "dataplane_shim.h"
#include <errno.h>
#include <pthread.h>
#include <rte_log.h>
#include <string.h>
#include <unistd.h>

#define CAPACITY (64 * 1024)

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static char buffer[CAPACITY]; /* circular; guard protects it, first and used */
static size_t first, used;
static FILE *stream;

static ssize_t append(void *cookie, const char *text, size_t length) {
    (void)cookie;
    /* The next thing after a critical message may be abort(): rte_panic and rte_exit log so. Nobody would
     * take it. */
    if (rte_log_cur_msg_loglevel() <= (int)RTE_LOG_CRIT && rte_log_cur_msg_loglevel() > 0) {
        ssize_t ignored = write(STDERR_FILENO, text, length);
        (void)ignored;
    }
    pthread_mutex_lock(&guard);
    for (size_t i = 0; i < length; i++) {
        buffer[(first + used) % CAPACITY] = text[i];
        if (used < CAPACITY)
            used++;
        else
            first = (first + 1) % CAPACITY;
    }
    pthread_mutex_unlock(&guard);
    return (ssize_t)length;
}

FILE *dp_log_stream(void) { return stream; }

int dp_log_open(void) {
    if (stream != NULL)
        return 0;
    stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = append});
    if (stream == NULL)
        return -ENOMEM;
    setvbuf(stream, NULL, _IOLBF, 1024);
    return rte_openlog_stream(stream);
}

int dp_log_take(char *text, int capacity) {
    pthread_mutex_lock(&guard);
    size_t taken = used < (size_t)capacity ? used : (size_t)capacity;
    for (size_t i = 0; i < taken; i++)
        text[i] = buffer[(first + i) % CAPACITY];
    first = (first + taken) % CAPACITY;
    used -= taken;
    pthread_mutex_unlock(&guard);
    return (int)taken;
}
