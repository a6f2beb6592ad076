/*
 * run - plays the stories beside it and compares what the engine plans with what they say.
 *
 *     run [--write] [FILE...]
 *
 * A story is setup lines, then steps, each followed by "---" and the lines that it must give, up to
 * an empty line. --write puts what was given into the file: read the difference before keeping it.
 */
#include "test/scenario/stage.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static struct line words_in(struct arena *a, const char *text)
{
    struct line line = {0};
    while (*text) {
        while (*text == ' ')
            text++;
        bool quoted = *text == '"';
        const char *from = text + quoted;
        const char *to = strchr(from, quoted ? '"' : ' ');
        if (!to)
            to = from + strlen(from);
        if (to > from || quoted) {
            ARENA_GROW(a, line.at, line.n, line.room);
            line.at[line.n++] = arena_strndup(a, from, (size_t)(to - from));
        }
        text = *to && quoted ? to + 1 : to;
    }
    return line;
}

struct reading {
    struct arena *a;
    struct span rest;
    struct buf result; /* the story as it came out */
    bool failed;
};

static bool next_line(struct reading *r, const char **ret_text)
{
    struct span line;
    if (!span_line(&r->rest, &line))
        return false;
    *ret_text = span_dup(r->a, line);
    return true;
}

static void check(struct reading *r, struct stage *s, const char *step)
{
    struct buf wanted = buf_new(r->a, 1 << 20);
    const char *text;
    while (next_line(r, &text) && *text)
        buf_printf(&wanted, "%s\n", text);
    buf_printf(&r->result, "---\n%.*s\n", (int)s->out.n, s->out.at);
    if (span_eq(buf_span(&wanted), buf_span(&s->out)))
        return;
    r->failed = true;
    printf("step: %s\nwanted:\n%.*sgot:\n%.*s\n", step, (int)wanted.n, wanted.at, (int)s->out.n,
           s->out.at);
}

/* The first line of a story makes its stage; coordinators aiko and ben are always there. */
static struct stage set_stage(struct arena *a)
{
    struct stage s = stage_new(a);
    struct line aiko = words_in(a, "coordinator aiko");
    struct line ben = words_in(a, "coordinator ben");
    stage_set(&s, &aiko);
    stage_set(&s, &ben);
    return s;
}

static void play_story(struct reading *r)
{
    struct stage s = set_stage(r->a);
    const char *text;
    const char *step = "";
    while (next_line(r, &text)) {
        struct line line = words_in(r->a, text);
        if (strcmp(text, "---") == 0) {
            check(r, &s, step);
            continue;
        }
        buf_printf(&r->result, "%s\n", text);
        if (line.n == 0 || text[0] == '#')
            continue;
        step = text;
        if (!stage_set(&s, &line) && !stage_play(&s, &line))
            stage_fail("no such step", text);
    }
    store_close(s.store);
}

static char *read_file(struct arena *a, const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = arena_alloc(a, 1 << 20);
    if (!file)
        stage_fail("can't read", path);
    size_t n = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    text[n] = '\0';
    return text;
}

static bool run_story(const char *path, bool write)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct reading r = {
        .a = a, .rest = span_str(read_file(a, path)), .result = buf_new(a, 1 << 20)};
    play_story(&r);
    if (write) {
        FILE *file = fopen(path, "w");
        while (r.result.n > 1 && r.result.at[r.result.n - 2] == '\n')
            r.result.n--;
        if (!file || fwrite(r.result.at, 1, r.result.n, file) != r.result.n || fclose(file) != 0)
            stage_fail("can't write", path);
    }
    printf("%s %s\n", r.failed && !write ? "FAIL" : "ok  ", path);
    return !r.failed || write;
}

static int is_story(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 4 && strcmp(entry->d_name + n - 4, ".txt") == 0;
}

static int run_all(bool write)
{
    static const char dir[] = EMBARGOD_TEST_SOURCE "/test/scenario";
    struct dirent **entries;
    int failed = 0;
    int n = scandir(dir, &entries, is_story, alphasort);
    for (int i = 0; i < n; i++) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
        failed += !run_story(path, write);
        free(entries[i]);
    }
    free(n >= 0 ? entries : NULL);
    printf("%d stories, %d failed\n", n, failed);
    return n <= 0 || failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    bool write = argc > 1 && strcmp(argv[1], "--write") == 0;
    int first = write ? 2 : 1;
    int failed = 0;
    if (first >= argc)
        return run_all(write);
    for (int i = first; i < argc; i++)
        failed += !run_story(argv[i], write);
    return failed ? 1 : 0;
}
