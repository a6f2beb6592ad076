#include "model/damage.h"

#include <string.h>

/* clang-format off */
const struct damage damages[] = {
    {"mixed-encrypted", "an Exchange server took the encrypted mail apart (multipart/mixed); put together again"},
    {"smime-type", "the S/MIME object came without its type, as Exchange and gateways do; known by its name"},
    {"list-footer", "a list or a gateway added a footer below the sealed mail; the footer is not sealed"},
    {"pgp-inline", "sealed as inline PGP: an armored block is the text, and nothing else is protected"},
    {"pgp-inline-part", "inline PGP: only the armored blocks in the text are protected, what stands around them is not"},
    {"flowed-stuffing", "a mail client put blanks before lines of the signed text (format=flowed); verified without them"},
    {"line-ends", "a mail server changed the line ends of the signed text; verified with CRLF"},
    {"legacy-display", "a copy of the protected header in the text is not shown"},
};
/* clang-format on */

const size_t n_damages = LEN(damages);

const char *damage_words(const char *name)
{
    for (size_t i = 0; i < LEN(damages); i++) {
        if (strcmp(damages[i].name, name) == 0)
            return damages[i].words;
    }
    return NULL;
}
