/*
 * ascii.h - what one byte is in ASCII, whatever the locale.
 */
#ifndef BASE_ASCII_H
#define BASE_ASCII_H

#include "base/base.h"

static inline bool ascii_is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static inline unsigned char ascii_lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

/* In place. */
static inline void ascii_lower_all(char *text)
{
    for (; *text != '\0'; text++)
        *text = (char)ascii_lower((unsigned char)*text);
}

/* What a hexadecimal digit of either case is worth; -1: it is none. */
static inline int ascii_hex(unsigned char c)
{
    c = ascii_lower(c);
    if (ascii_is_digit(c))
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
