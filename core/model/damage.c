#include "model/damage.h"

#include <string.h>

/* clang-format off */
const struct damage damages[] = {
    /* encrypted OpenPGP mails that were taken apart */
    {"mixed-encrypted", "an Exchange server took the encrypted mail apart (multipart/mixed below an empty text); put together again"},
    {"api-mixed", "EWS or Gmail's API took the encrypted mail apart (multipart/mixed); put together again"},
    {"encrypted-attachments", "Exchange or Proton Bridge sent the parts of the encrypted mail as attachments; put together again"},
    {"encrypted-beside-text", "a server took the encrypted mail apart, and a text that is not encrypted stands beside it"},
    {"gpgol-attachment", "Outlook's GpgOL sent the encrypted mail as an attachment; opened as the mail itself"},
    {"gpgol-structure", "Outlook's GpgOL left the mail in an attachment with its MIME structure; opened as the mail itself"},
    {"version-missing", "a server or gateway removed the part application/pgp-encrypted; the ciphertext was read without it"},
    {"version-type", "a server or gateway changed the type of the part application/pgp-encrypted; known by what stands in it"},
    {"encrypted-order", "a server exchanged the two parts of the encrypted mail"},
    {"encrypted-bare", "a server removed the multipart around the ciphertext"},
    {"encrypted-as-text", "a gateway made the encrypted mail a plain text with an armored block; opened as the mail itself"},
    {"pgp-inline", "sealed as inline PGP: an armored block is the text, and nothing else is protected"},
    {"pgp-html", "the sender's mail client sent the armored block as HTML; read from its text"},
    {"armor-mended", "a mail client or gateway changed blanks, dashes or line ends of the armored block; put right"},
    {"pgp-inline-part", "inline PGP: only the armored blocks in the text are protected, what stands around them is not"},
    {"flowed-stuffing", "a mail client put blanks before lines of the signed text (format=flowed); verified without them"},
    /* S/MIME */
    {"smime-type", "the S/MIME object came without its type, as Exchange and gateways do; known by its name or first bytes"},
    {"smime-armor", "the S/MIME object came as PEM text"},
    {"smime-entity", "Exchange left the signed mail in an attachment smime.p7m; opened as the mail itself"},
    {"tnef", "Outlook sent the mail as winmail.dat (TNEF), as Exchange makes it for rich text; opened"},
    {"double-base64", "a gateway encoded the sealed part in base64 twice, or did not say that it is base64"},
    /* signatures */
    {"mixed-signed", "Gmail's API or a server made the signed mail a multipart/mixed; its signature was verified all the same"},
    {"signature-type", "a server changed the type of the signature; known by what stands in it"},
    {"line-ends", "a mail server changed the line ends of the signed text; verified with CRLF"},
    {"bare-cr", "a mail server or an old Mac ended every line with CR alone; read as lines all the same"},
    {"last-line-end", "a mail server added or removed a line end at the end of the signed text; verified without that change"},
    {"trailing-space", "a mail server added or removed blanks at line ends of the signed text; verified without that change"},
    {"from-quoted", "a mailbox file put \">\" before \"From\" in the signed text; verified without it"},
    {"dots-doubled", "a mail server doubled dots at the start of lines of the signed text; verified without that change"},
    {"reencoded", "a mail server changed the transfer encoding of the signed text; verified as it was before"},
    {"footer-inside", "a list or a gateway wrote a footer into the signed text; verified, and shown, without it"},
    {"banner-inside", "a gateway wrote a warning into the signed text; verified, and shown, without it"},
    /* what stands beside */
    {"list-footer", "a list or a gateway added a footer beside the sealed mail; the footer is not sealed"},
    {"external-banner", "a gateway wrote a warning above the text; it is not the writer's"},
    {"subject-tag", "a gateway wrote a tag like [EXTERNAL] into the subject; it is shown without"},
    {"sealed-attached", "a server put the sealed mail below an empty text, as an attachment"},
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
