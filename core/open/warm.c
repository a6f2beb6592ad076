#include "open/open.h"

/* One part for each thing that a library sets up when it is first used: charsets, HTML, CMS. */
static const char sample[] =
    "From: =?utf-8?Q?Sample?= <sample@sample.example>\r\n"
    "Subject: =?iso-8859-1?Q?Sample?= =?iso-2022-jp?B?GyRCJDMbKEI=?=\r\n"
    "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n"
    "\r\n"
    "--b\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "\r\n"
    "Text\r\n"
    "--b\r\n"
    "Content-Type: text/plain; charset=windows-1252\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n"
    "=93Text=94\r\n"
    "--b\r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "PHA+VGV4dCZuYnNwOzxiPmJvbGQ8L2I+PC9wPgo=\r\n"
    "--b\r\n"
    "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "MIAGCSqGSIb3DQEHA6CAMIACAQAxAA==\r\n"
    "--b--\r\n";

bool open_warm_up(struct crypto *crypto, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct open_request request = {.mail = span_str(sample), .now = clock_now()};
    struct message message;
    struct span opened;

    return open_message(a, crypto, &request, &message, &opened, err);
}
