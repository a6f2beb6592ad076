/*
 * banned.h - calls that have hurt others, as compile errors that name the cure.
 *
 * Promises: a use of one of these does not compile. Does not: forbid what has no cure here.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

/* The headers that declare these come first: a poisoned word may not appear in them afterwards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Some of them are macros already: fortified in clang. */
#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#undef strtok
#undef atoi
#undef atol
#undef gmtime
#undef localtime
#undef ctime
#undef asctime

#define strcpy(...) use_arena_strdup_instead_of_strcpy(__VA_ARGS__)
#define strcat(...) use_buf_add_instead_of_strcat(__VA_ARGS__)
#define strncpy(...) use_arena_strndup_instead_of_strncpy(__VA_ARGS__)
#define strncat(...) use_buf_add_instead_of_strncat(__VA_ARGS__)
#define sprintf(...) use_buf_printf_or_snprintf_instead_of_sprintf(__VA_ARGS__)
#define vsprintf(...) use_buf_printf_or_snprintf_instead_of_vsprintf(__VA_ARGS__)
#define strtok(...) use_span_split_instead_of_strtok(__VA_ARGS__)
#define atoi(...) use_text_to_u64_instead_of_atoi(__VA_ARGS__)
#define atol(...) use_text_to_u64_instead_of_atol(__VA_ARGS__)
#define gmtime(...) use_gmtime_r_instead_of_gmtime(__VA_ARGS__)
#define localtime(...) use_localtime_r_instead_of_localtime(__VA_ARGS__)
#define ctime(...) use_text_rfc3339_instead_of_ctime(__VA_ARGS__)
#define asctime(...) use_text_rfc3339_instead_of_asctime(__VA_ARGS__)

#endif
