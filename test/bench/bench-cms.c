/*
 * The least that reading S/MIME can cost: libcrypto alone, in one process, over mails whose body is
 * one enveloped object in base64 with a signed one in it. What the opener takes is compared with
 * this (opening).
 *
 * usage: bench-cms KEY CERTIFICATE CA MAIL...
 */
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <string.h>

enum { MAIL_MAX = 1024 * 1024 };

struct keys {
    EVP_PKEY *key;
    X509 *cert;
    X509_STORE *roots;
};

static BIO *open_file(const char *path)
{
    BIO *file = BIO_new_file(path, "r");

    if (file == NULL) {
        fprintf(stderr, "bench-cms: %s can't be read\n", path);
        exit(1);
    }
    return file;
}

static struct keys read_keys(char **argv)
{
    struct keys k = {.roots = X509_STORE_new()};
    BIO *key = open_file(argv[1]);
    BIO *cert = open_file(argv[2]);
    BIO *ca = open_file(argv[3]);

    k.key = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);
    k.cert = PEM_read_bio_X509(cert, NULL, NULL, NULL);
    X509_STORE_add_cert(k.roots, PEM_read_bio_X509(ca, NULL, NULL, NULL));
    BIO_free(key);
    BIO_free(cert);
    BIO_free(ca);
    return k;
}

/* The object in base64 behind the first empty line. */
static CMS_ContentInfo *object_of(BIO *mail)
{
    static char bytes[MAIL_MAX];
    int n = BIO_read(mail, bytes, sizeof(bytes) - 1);
    char *body;
    BIO *chain;
    CMS_ContentInfo *object;

    bytes[n < 0 ? 0 : n] = '\0';
    body = strstr(bytes, "\r\n\r\n");
    if (body == NULL)
        return NULL;
    chain = BIO_push(BIO_new(BIO_f_base64()), BIO_new_mem_buf(body + 4, -1));
    object = d2i_CMS_bio(chain, NULL);
    BIO_free_all(chain);
    return object;
}

static bool read_mail(const struct keys *k, const char *path)
{
    BIO *file = open_file(path);
    BIO *inner = BIO_new(BIO_s_mem());
    BIO *text = BIO_new(BIO_s_mem());
    CMS_ContentInfo *enveloped = object_of(file);
    CMS_ContentInfo *signed_object = NULL;
    bool good =
        enveloped != NULL && CMS_decrypt(enveloped, k->key, k->cert, NULL, inner, CMS_BINARY) == 1;

    if (good)
        signed_object = object_of(inner);
    good = signed_object != NULL &&
           CMS_verify(signed_object, NULL, k->roots, NULL, text, CMS_BINARY) == 1;
    CMS_ContentInfo_free(enveloped);
    CMS_ContentInfo_free(signed_object);
    BIO_free(file);
    BIO_free(inner);
    BIO_free(text);
    return good;
}

int main(int argc, char **argv)
{
    struct keys k;

    if (argc < 5) {
        fprintf(stderr, "usage: bench-cms KEY CERTIFICATE CA MAIL...\n");
        return 1;
    }
    k = read_keys(argv);
    for (int i = 4; i < argc; i++) {
        if (!read_mail(&k, argv[i])) {
            fprintf(stderr, "bench-cms: %s is not read\n", argv[i]);
            ERR_print_errors_fp(stderr);
            return 1;
        }
    }
    EVP_PKEY_free(k.key);
    X509_free(k.cert);
    X509_STORE_free(k.roots);
    return 0;
}
