/*
 * command.h - the command block of a signed text, read into lines; and the table of commands.
 *
 * Promises: pure text work (formats.md's rules): from the first non-empty line to the first empty
 * line, first line "Embargod: <case> <code>", names in any letter case, no continuation lines.
 * Every mistake is named with its line and the nearest right words; a block with a mistake does
 * nothing. Does not: know cases, codes or who writes.
 */
#ifndef ENGINE_COMMAND_H
#define ENGINE_COMMAND_H

#include "model/case.h"

enum { BLOCK_LINES_MAX = 200, CODE_CHARS = 16 };

enum command_kind {
    COMMAND_ACCEPT,
    COMMAND_DECLINE,
    COMMAND_JUNK,
    COMMAND_FILE,
    COMMAND_OWNER,
    COMMAND_WATCH,
    COMMAND_EXCLUDE,
    COMMAND_TITLE,
    COMMAND_SUMMARY,
    COMMAND_VENDORS,
    COMMAND_SEND,
    COMMAND_STOP,
    COMMAND_TELL,
    COMMAND_STATUS,
    COMMAND_TOLD,
    COMMAND_EMBARGO,
    COMMAND_SHARE,
    COMMAND_RELEASE,
    COMMAND_NOTE,
    COMMAND_ALLOW_TERM,
    COMMAND_CREDIT,
    COMMAND_SEND_ANYWAY,
    COMMAND_CONFIRM,
    COMMAND_PREVIEW,
    COMMAND_CLOSE,
    COMMAND_KINDS
};

/* Who may use a command. */
enum { FOR_COORDINATOR = 1, FOR_VENDOR = 2, FOR_REPORTER = 4 };

struct command_spec {
    const char *name; /* "Accept" */
    unsigned who;
    bool takes_text; /* the text after the block is its text: at most one of these in a block */
    bool on_report;  /* may stand in a block for a report (R17) */
    bool on_case;
    const char *value; /* what the value looks like, for people: "R17 [into C42]" */
};

extern const struct command_spec command_specs[COMMAND_KINDS]; /* indexed by the enum */

struct command {
    enum command_kind kind;
    struct span value; /* trimmed */
    uint32_t line;     /* 1.. in the text */
};

struct block {
    bool present;       /* the text begins with an "Embargod:" line */
    struct place place; /* PLACE_NONE: "-" */
    const char *code;   /* 16 base32 characters in lower case without '-'; NULL in an order */
    struct command *commands;
    size_t n_commands;
    size_t commands_room;
    const char *text;     /* after the block, trimmed of empty lines at both ends; "" */
    struct strs mistakes; /* "line 3: Sned: no such command; did you mean Send?" */
};

/* Reads the block of a strict text. who: FOR_... of its author, so that hints fit. */
void block_parse(struct arena *a, const char *strict_text, unsigned who, struct block *ret_block);

/* The same from words that embargoctl passes: lines "Name: value", and a text. */
void block_from_lines(struct arena *a, struct place place, const struct strs *lines,
                      const char *text, unsigned who, struct block *ret_block);

#endif
