#ifndef DATAPLANE_LOG_H
#define DATAPLANE_LOG_H

#include <stdio.h>

/* The stream whose text goes to the log buffer; NULL before dp_log_open. */
FILE *dp_log_stream(void);

#endif
