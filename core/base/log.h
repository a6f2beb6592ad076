/*
 * log.h - one line per thing that happened: fixed keys, ids and numbers, never content.
 *
 * Promises: one write per line to standard error or syslog, made safe (text_one_line).
 * Does not: belong into library code. Only mains and the loops of flow/ call it; everything else
 * returns errors. Never a subject, body, file name, org slug or a stranger's address; never queue
 * id and case in one line.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/base.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO };

void log_open(const char *program, bool to_syslog); /* before threads start */
void log_line(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)

#endif
