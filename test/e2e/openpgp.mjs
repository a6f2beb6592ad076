// The other side of OpenPGP, as webmailers have it: OpenPGP.js.
//   openpgp.mjs MODULE NOW encrypt RECIPIENT [SIGNER]   armored message on standard output
//   openpgp.mjs MODULE NOW sign SIGNER                  armored detached signature
//   openpgp.mjs MODULE NOW decrypt KEY [SIGNER]         the text, if it opens and the signature is right
// The text comes on standard input.
import { readFileSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [module, now, verb, ...files] = process.argv.slice(2);
const pgp = await import(pathToFileURL(module));
const date = new Date(now);
const input = readFileSync(0);
const keys = files.map((name) => readFileSync(name, "utf8"));

async function encrypt() {
  const options = { message: await pgp.createMessage({ binary: input }), date };
  options.encryptionKeys = await pgp.readKey({ armoredKey: keys[0] });
  if (keys[1]) options.signingKeys = await pgp.readPrivateKey({ armoredKey: keys[1] });
  return pgp.encrypt(options);
}

async function sign() {
  const message = await pgp.createMessage({ binary: input });
  const signingKeys = await pgp.readPrivateKey({ armoredKey: keys[0] });
  return pgp.sign({ message, signingKeys, detached: true, date });
}

async function decrypt() {
  const message = await pgp.readMessage({ armoredMessage: input.toString() });
  const decryptionKeys = await pgp.readPrivateKey({ armoredKey: keys[0] });
  const verificationKeys = keys[1] ? await pgp.readKey({ armoredKey: keys[1] }) : undefined;
  const opened = await pgp.decrypt({ message, decryptionKeys, verificationKeys, format: "binary", date,
    expectSigned: verificationKeys !== undefined });
  return opened.data;
}

const out = await { encrypt, sign, decrypt }[verb]();
writeSync(1, typeof out === "string" ? Buffer.from(out) : out);
