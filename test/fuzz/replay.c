/*
 * replay.c - runs a fuzz target over files, without a fuzzer: its seeds, or an input that hurt.
 *
 * Usage: fuzz-x FILE-OR-DIRECTORY...; without one, the seeds that lie beside the target.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

enum { INPUT_MAX = 16 * 1024 * 1024 };

static int replay_file(const char *path)
{
    static uint8_t bytes[INPUT_MAX];
    FILE *f = fopen(path, "rb");
    uint8_t *tight;
    size_t n;

    if (f == NULL) {
        fprintf(stderr, "%s: can't be read\n", path);
        return 1;
    }
    n = fread(bytes, 1, INPUT_MAX, f);
    fclose(f);
    /* Exactly as large as the input, so that a sanitizer sees one byte too far. */
    tight = malloc(n == 0 ? 1 : n);
    if (tight == NULL)
        return 1;
    for (size_t i = 0; i < n; i++)
        tight[i] = bytes[i];
    (void)LLVMFuzzerTestOneInput(tight, n);
    free(tight);
    return 0;
}

static int replay(const char *path)
{
    struct stat st;
    struct dirent **entries;
    int failed = 0;
    int n;

    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return replay_file(path);
    n = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char inner[4096];

        snprintf(inner, sizeof(inner), "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            failed += replay_file(inner);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return n < 0 || failed > 0;
}

/* The seeds of fuzz-x lie in seeds/x. */
static int replay_seeds(const char *program)
{
    const char *name = strstr(program, "/fuzz-");
    char path[4096];

    while (name != NULL && strstr(name + 1, "/fuzz-") != NULL)
        name = strstr(name + 1, "/fuzz-");
    if (name == NULL)
        return 1;
    snprintf(path, sizeof(path), "%s/test/fuzz/seeds/%s", EMBARGOD_TEST_SOURCE,
             name + strlen("/fuzz-"));
    return replay(path);
}

int main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 1; i < argc; i++)
        failed += replay(argv[i]);
    if (argc == 1)
        failed = replay_seeds(argv[0]);
    return failed > 0;
}
