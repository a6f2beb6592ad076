/*
 * The least that a milter can do with mail that is not its own: accept it at DATA. What other mail
 * costs with the desk's front is compared with this (other-mail).
 *
 * usage: bench-bare SOCKET
 */
#include <libmilter/mfapi.h>
#include <stdio.h>
#include <sys/stat.h>

static sfsistat on_data(SMFICTX *ctx)
{
    (void)ctx;
    return SMFIS_ACCEPT;
}

static struct smfiDesc description = {
    .xxfi_name = (char[]){"bare"},
    .xxfi_version = SMFI_VERSION,
    .xxfi_data = on_data,
};

int main(int argc, char **argv)
{
    umask(0); /* the MTA is another user */
    if (argc != 2 || smfi_setconn(argv[1]) != MI_SUCCESS ||
        smfi_register(description) != MI_SUCCESS || smfi_opensocket(true) != MI_SUCCESS) {
        fprintf(stderr, "usage: bench-bare SOCKET (that can be opened)\n");
        return 1;
    }
    return smfi_main() == MI_SUCCESS ? 0 : 1;
}
