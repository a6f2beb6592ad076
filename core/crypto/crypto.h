/*
 * crypto.h - open, verify and seal: the same calls for OpenPGP (gpgme) and S/MIME (OpenSSL's CMS).
 *
 * Promises: no type of gpgme or OpenSSL passes here; every result lives in the caller's arena.
 * Plaintext is released only if the whole message was opened without a fault. Keys and certificates
 * that ride in a message serve that message and are stored nowhere; foreign public keys lie in the
 * scratch directory (tmpfs) while a call runs. What comes from outside (a broken message, a key
 * that can't be used) is an answer; false means that our own work failed. All times are the clock
 * of clock.h: callers pass now where a fact depends on it. Does not: parse MIME, keep contacts'
 * keys, decide on trust (verdict.h), or serve two threads with one struct crypto. Who opens hostile
 * bytes is a process of its own (house: worker-open, worker-verify); the programs it starts here
 * inherit a CPU limit and its process group.
 */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include "base/err.h"
#include "crypto/verdict.h"
#include "model/limits.h"

enum {
    CRYPTO_KEY_MAX = 1024 * 1024,         /* bytes of one key or certificate */
    CRYPTO_SIGNATURE_MAX = 1024 * 1024,   /* bytes of one detached signature */
    CRYPTO_SIGNATURES_MAX = 16,           /* signatures that are looked at in one object */
    CRYPTO_PLAIN_MAX = 256 * 1024 * 1024, /* bytes of one letter of ours */
    CRYPTO_CPU_SECONDS = 30,              /* CPU time of one program started to open or verify */
    CRYPTO_CPU_FIRST_SECONDS = 1,         /* ... for a small object, and a second more for each */
    CRYPTO_CPU_BYTES = 4 * 1024 * 1024,   /* ... of so many bytes */
    CRYPTO_WRAPPED_MAX = 16 * 1024,       /* bytes of one wrapped session key */
};

/* What became of one wrapped session key. */
enum unwrap_status {
    UNWRAP_OPENED,
    UNWRAP_FOREIGN, /* it is wrapped for keys that are not here */
    UNWRAP_BROKEN,  /* it is wrapped for ours, and nothing comes out; or it is no wrapped key */
    UNWRAP_REFUSED, /* one too many (limits.h: wrapped_keys), or larger than CRYPTO_WRAPPED_MAX */
};

/* The key of a content's cipher, without its wrapping. */
struct content_key {
    enum unwrap_status status;
    struct span key;  /* OpenPGP: as gpg writes it, "9:<hex>"; S/MIME: the bytes. Else empty */
    const char *hash; /* hex SHA-256 of key, or NULL */
};

/* Who undoes the wrapping of a session key: another process (the holder), or this one. wrapped is
 * one PKESK packet, or a CMS EnvelopedData with one RecipientInfo and a content that does not
 * matter. False: our own failure; what is wrong with wrapped is an answer. */
struct crypto_unwrapper {
    bool (*unwrap)(void *held, struct arena *a, enum protocol protocol, struct span wrapped,
                   struct content_key *ret_key, struct err *err);
    void *held;
};

/* Where key material lies. What a program does not need is NULL: it then can't do it. */
struct crypto_config {
    const char *open_home;   /* GNUPGHOME that holds the decryption subkey */
    const char *open_key;    /* PEM file: the S/MIME keys that decrypt; a missing file: none */
    const char *open_cert;   /* PEM file: their certificates; alone: what is wrapped for us */
    const char *open_public; /* file with OpenPGP public keys, for the same; NULL: whatever comes */
    const char *seal_home;   /* GNUPGHOME that holds the signing key */
    const char *sign_key;    /* PEM file: the S/MIME key that signs; a missing file: none */
    const char *sign_cert;   /* PEM file: its certificate, then the chain to send along */
    const char *scratch;     /* directory in tmpfs for throw-away keyrings; never NULL */
    struct crypto_unwrapper unwrapper; /* .unwrap NULL: crypto_unwrap, with the keys named here */
};

enum crypto_role { CRYPTO_DECRYPT, CRYPTO_SIGN };

/* Names a private key without being it, so that another process can hold the key itself. id is ""
 * for a GNUPGHOME that crypto_init_openpgp did not make: whatever keys it holds. */
struct crypto_handle {
    enum protocol protocol;
    enum crypto_role role;
    const char *id; /* primary fingerprint (40), SHA-256 of the certificate's DER (64) */
};

struct crypto;

/* The calls read no private key from OpenPGP homes (gpg-agent does); S/MIME keys are read here. */
MUST_USE bool crypto_open(const struct crypto_config *config, struct crypto **ret_crypto,
                          struct err *err);
void crypto_close(struct crypto *c); /* NULL is fine */
SCOPED_DEFINE(struct crypto *, crypto_close)

/* The desk's key for a role, or NULL if there is none. Lives as long as c. */
const struct crypto_handle *crypto_key(struct crypto *c, enum protocol protocol,
                                       enum crypto_role role);

/* What reading calls need. keys: approved keys and certificates of both protocols, mixed, in any of
 * their forms; each engine takes its own. cas: trusted X.509 roots, and revocation lists (PEM). */
struct crypto_ask {
    struct arena *a;
    const struct span *keys;
    size_t n_keys;
    const struct span *cas;
    size_t n_cas;
    instant now;
    const struct limits *limits; /* NULL: the default ones */
};

struct crypto_opened {
    enum seal_status status; /* SEAL_VALID, SEAL_NO_KEY, SEAL_WEAK, SEAL_ERROR */
    bool encrypted; /* false: it is no encryption at all (a literal, a signed-only packet) */
    bool released;  /* content (and inner) may be used; then it was opened without a fault */
    struct span content;
    struct span inner; /* OpenPGP: the message without its encryption, so that the signatures in it
                          can be verified again: crypto_verify(.., inner, no signature) */
    struct strs algorithms;  /* of the content's cipher: aes256; aes256 gcm; 3des; no-mdc */
    struct strs recipients;  /* OpenPGP key ids (upper-case hex), X.509 serials or key ids */
    const char *session_key; /* hex SHA-256 over the session key, or NULL */
    struct signature_facts *signatures; /* OpenPGP: of the combined form; else none */
    size_t n_signatures;
    const char *reason; /* one line if the status is not SEAL_VALID; else NULL */
    struct strs named;  /* kebab-case: forms that can't be opened here, as pgp-symmetric */
    const char *defect; /* the named limit that was met (limits.h), or NULL */
};

/* Decrypts one OpenPGP message (armored or binary) or CMS EnvelopedData/AuthEnvelopedData (DER or
 * BER). For S/MIME content is the MIME entity, which may be SignedData to be verified in turn. */
MUST_USE bool crypto_decrypt(struct crypto *c, const struct crypto_handle *key,
                             const struct crypto_ask *ask, struct span ciphertext,
                             struct crypto_opened *ret_opened, struct err *err);

/* What bytes are as OpenPGP, by their packets alone; nothing is tried. */
enum crypto_form {
    CRYPTO_FORM_NONE,      /* no OpenPGP, or a key, or not whole */
    CRYPTO_FORM_ENCRYPTED, /* a whole encrypted message */
    CRYPTO_FORM_SIGNED,    /* a signed, compressed or literal message: crypto_verify opens it */
    CRYPTO_FORM_DETACHED,  /* detached signatures */
};
enum crypto_form crypto_pgp_form(struct arena *a, struct span bytes);

/* Takes one session key out of its wrapping, with the keys of open_home and open_key. Parses that
 * and nothing else. A key with a wrong RSA padding comes out as a random one, as in libcrypto, so
 * that it can't be told from damaged content. */
MUST_USE bool crypto_unwrap(struct crypto *c, struct arena *a, enum protocol protocol,
                            struct span wrapped, struct content_key *ret_key, struct err *err);

/* Gets ready for crypto_unwrap: reads what gpg knows of the keys in open_home, starts its agent.
 * It happens by itself, but a program behind a wall can't start gpg any more. */
MUST_USE bool crypto_hold(struct crypto *c, struct err *err);

struct crypto_verified {
    struct signature_facts *signatures; /* none: there was no signature in it (reason says so) */
    size_t n_signatures;
    struct span content;    /* opaque forms: the signed bytes; detached: empty */
    const char *reason;     /* one line if there are no signatures; else NULL */
    bool certificates_only; /* S/MIME: certificates and nothing that is signed */
    struct strs named;      /* kebab-case: what it is that can't be checked here, as pgp-v6 */
    const char *defect;     /* the named limit that was met (limits.h), or NULL */
};

/* Verifies bytes (exactly as signed: RFC 3156 5, RFC 8551 3.1) against a detached signature; with
 * an empty signature bytes is the opaque object itself (OpenPGP signed message, `inner` of
 * crypto_decrypt, one clear-signed block with nothing around it; CMS SignedData). A status is
 * SEAL_UNKNOWN_KEY if the key is not among the given ones; for S/MIME the certificate in the
 * message then still gives signer, and the signature itself was right. */
MUST_USE bool crypto_verify(struct crypto *c, enum protocol protocol, const struct crypto_ask *ask,
                            struct span bytes, struct span signature,
                            struct crypto_verified *ret_verified, struct err *err);

/* One letter to one reader. */
struct crypto_letter {
    struct arena *a;
    enum protocol protocol;
    const struct crypto_handle *signer; /* NULL: not signed */
    struct span recipient; /* one key or certificate, as crypto_inspect gave its bytes */
    struct span plaintext; /* a whole MIME entity in canonical form (CRLF) */
    instant now;
};

struct crypto_sealed {
    bool sealed; /* false: the recipient's key can't be used; reason names why */
    const char *reason;
    struct span bytes; /* OpenPGP: ASCII armor (LF); S/MIME: DER. The caller wraps them in MIME */
};

/* Signs (if there is a signer) and encrypts to exactly this recipient. OpenPGP: one combined
 * message, not compressed. S/MIME: the entity becomes application/pkcs7-mime signed-data, which is
 * enveloped (AES-256-CBC; RSA PKCS#1 v1.5 or ECDH), and names open_cert as the one to answer to. */
MUST_USE bool crypto_seal(struct crypto *c, const struct crypto_letter *letter,
                          struct crypto_sealed *ret_sealed, struct err *err);

/* A public key as the desk sees it. */
struct crypto_key_facts {
    enum protocol protocol;  /* PROTOCOL_NONE: no single public key or certificate; reason says */
    const char *fingerprint; /* 40 or 64 upper-case hex digits */
    struct strs key_ids;     /* 16 digits each, primary first, subkeys too; X.509: the serial */
    struct strs user_ids;    /* UTF-8; X.509: the subject */
    struct strs addresses;   /* addr-specs, domain in lower case */
    const char *algorithm;   /* of the primary key: ed25519, rsa3072, nistp256 */
    instant created;
    instant expires; /* 0 never; the earlier of the key and its encryption subkey */
    bool can_encrypt;
    bool can_sign;
    bool usable;        /* letters can be encrypted to it now */
    const char *reason; /* why it is not usable, or NULL */
    struct span
        bytes; /* the key in one binary form: what to keep, what the other calls like best */
};

/* Looks at one public key: OpenPGP armored or binary, certificate PEM or DER. Secret keys are
 * refused (PROTOCOL_NONE). */
MUST_USE bool crypto_inspect(struct crypto *c, struct arena *a, struct span key, instant now,
                             struct crypto_key_facts *ret_facts, struct err *err);

/* The desk's own public key: ASCII armor, or the certificate in PEM. False with ERR_OPERATOR if the
 * desk has none for this protocol. */
MUST_USE bool crypto_export_public(struct crypto *c, enum protocol protocol, struct arena *a,
                                   struct span *ret_bytes, struct err *err);

/* What `embargoctl init` asks for. */
struct crypto_new_key {
    const char *open_home; /* both are made (0700) and must not hold a key yet */
    const char *seal_home;
    const char *name;    /* of the desk, for the user id of a new key */
    const char *address; /* of the desk */
    struct span secret;  /* a secret key without passphrase, armored or binary; empty: make an
                            Ed25519/Cv25519 key */
};

/* The certificates that ride in a CMS SignedData, without those of authorities; none if it is no
 * such object. */
size_t crypto_certificates(struct arena *a, struct span der, struct span **ret_certificates);

/* Puts the decryption subkey into one home and the signing key into the other; both homes are gone
 * again if that fails. */
MUST_USE bool crypto_init_openpgp(const struct crypto_new_key *ask, struct err *err);

/* Checks that key and certificate (PEM) belong together and writes them (0600) to the files that
 * config names for the role. */
MUST_USE bool crypto_init_smime(const struct crypto_config *config, enum crypto_role role,
                                struct span key_pem, struct span cert_pem, struct err *err);

/* All public keys of any GNUPGHOME, one binary after the other (`open --home`). One of them, or
 * all, may stand as one span among the keys of a crypto_ask. */
MUST_USE bool crypto_home_keys(const char *home, struct arena *a, struct span *ret_keys,
                               struct err *err);

/* Starts the gpg-agent of a home unless it runs. It also starts when a key is needed, but then
 * inherits the limits and the wall of the process that needed it. */
MUST_USE bool crypto_start_agent(const char *home, struct err *err);

/* Does one listen in the home itself? */
bool crypto_agent_runs(const char *home);

/* Ends the gpg-agent of a home. */
void crypto_end_agent(const char *home);

#endif
