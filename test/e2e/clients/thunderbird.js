// What thunderbird.py calls inside Thunderbird (privileged context of Marionette).
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
const pause = ms => new Promise(r => setTimeout(r, ms));

function identity(address, name, port) {
  let server = MailServices.outgoingServer.defaultServer;
  if (!server) {
    server = MailServices.outgoingServer.createServer("smtp").QueryInterface(Ci.nsISmtpServer);
    server.hostname = "127.0.0.1";
    server.port = port;
    server.authMethod = 1;
    server.socketType = 0;
    MailServices.outgoingServer.defaultServer = server;
  }
  if (!MailServices.accounts.accounts.length) {
    MailServices.accounts.createLocalMailAccount();
    const account = MailServices.accounts.accounts[0];
    const id = MailServices.accounts.createIdentity();
    id.email = address;
    id.fullName = name;
    id.smtpServerKey = server.key;
    id.doFcc = false;
    id.composeHtml = false;
    account.addIdentity(id);
    account.defaultIdentity = id;
  }
  return MailServices.accounts.accounts[0].defaultIdentity;
}

// OpenPGP: the person's own secret key, and the desk's key, which the person accepted.
async function setUpOpenpgp(address, name, port, secret, own, desk, deskKey, deskAddress) {
  const { RNP } = ChromeUtils.importESModule("chrome://openpgp/content/modules/RNP.sys.mjs");
  const { PgpSqliteDb2 } = ChromeUtils.importESModule("chrome://openpgp/content/modules/sqliteDb.sys.mjs");
  const { EnigmailKeyRing } = ChromeUtils.importESModule("chrome://openpgp/content/modules/keyRing.sys.mjs");
  const { BondOpenPGP } = ChromeUtils.importESModule("chrome://openpgp/content/BondOpenPGP.sys.mjs");
  await BondOpenPGP.init();
  const id = identity(address, name, port);
  const ask = (w, p, o) => { o.canceled = false; return ""; };
  await RNP.importSecKeyBlockImpl(null, ask, false, await IOUtils.readUTF8(secret));
  await PgpSqliteDb2.acceptAsPersonalKey(own);
  id.setUnicharAttribute("openpgp_key_id", own.slice(-16));
  await RNP.importPubkeyBlockAutoAcceptImpl(null, await IOUtils.readUTF8(desk), "verified", false, false);
  await PgpSqliteDb2.updateAcceptance(deskKey, [deskAddress], "verified");
  EnigmailKeyRing.clearCache();
  return true;
}

// S/MIME: the person's own key and certificate (PKCS #12), and the authority behind the desk's.
async function setUpSmime(address, name, port, p12, password, authority) {
  const db = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
  const id = identity(address, name, port);
  const pem = await IOUtils.readUTF8(authority);
  db.addCertFromBase64(pem.replace(/-----[^-]+-----|\s/g, ""), "CTu,CTu,CTu");
  const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
  file.initWithPath(p12);
  const status = db.importPKCS12File(file, password);
  const own = db.getCerts().find(c => (c.emailAddress || "").toLowerCase() == address);
  for (const use of ["signing", "encryption"]) {
    id.setUnicharAttribute(use + "_cert_name", own.displayName);
    id.setCharAttribute(use + "_cert_dbkey", own.dbKey);
  }
  return { status, own: own.displayName };
}

function folderNamed(name) {
  const root = MailServices.accounts.localFoldersServer.rootFolder;
  if (!root.containsChildNamed(name)) root.createSubfolder(name, null);
  return root.getChildNamed(name).QueryInterface(Ci.nsIMsgLocalMailFolder);
}

async function file(path, name) {
  let s = "";
  for (const b of await IOUtils.read(path)) s += String.fromCharCode(b);
  return folderNamed(name).addMessage(s.replace(/\r?\n/g, "\r\n"));
}

// A mail's window, as a double click opens it, once the text is there and the seals were looked at.
async function show(hdr) {
  const { MailUtils } = ChromeUtils.importESModule("resource:///modules/MailUtils.sys.mjs");
  const windows = () => [...Services.wm.getEnumerator("mail:messageWindow")];
  const before = windows();
  MailUtils.openMessageInNewWindow(hdr);
  for (let i = 0; i < 60; i++) {
    await pause(500);
    const win = windows().find(w => !before.includes(w));
    const about = win && win.messageBrowser && win.messageBrowser.contentWindow;
    const body = about && about.getMessagePaneBrowser && about.getMessagePaneBrowser().contentDocument;
    if (body && body.body && body.body.textContent.trim() && body.documentURI != "about:blank") {
      await pause(3000); // icons follow
      return { win, about, body: body.body };
    }
  }
  throw new Error("the mail's window shows nothing");
}

// Files a mail, opens it, and says what its reader sees: text, subject, and the icons of the header.
async function read(path, folder) {
  const { win, about, body } = await show(await file(path, folder));
  const icon = id => {
    const e = about.document.getElementById(id);
    return !e || e.hidden ? null : (e.getAttribute("src") || "").replace(/^.*\//, "");
  };
  const seen = {
    subject: about.document.getElementById("expandedsubjectBox").textContent.trim(),
    text: body.innerText || body.textContent,
    signed: icon("signedHdrIcon"),
    encrypted: icon("encryptedHdrIcon"),
    attachments: [...about.document.querySelectorAll("#attachmentList richlistitem")].map(i => i.attachment && i.attachment.name),
  };
  win.close();
  return seen;
}

// How the folder's mails hang together: a list of lists of Message-IDs.
async function threads(folder) {
  const f = folderNamed(folder);
  const found = new Map();
  for (const hdr of f.messages) {
    const id = hdr.threadId;
    if (!found.has(id)) found.set(id, []);
    found.get(id).push(hdr.messageId);
  }
  return [...found.values()];
}

// Opens the composition window that "Reply" opens, writes a line on top, and sends. Nobody chooses a key.
async function reply(path, folder, text) {
  const hdr = await file(path, folder);
  const uri = folderNamed(folder).getUriForMsg(hdr);
  const shown = await show(hdr); // who replies has read the mail: what came in sealed goes back sealed
  const opened = new Promise(resolve => {
    const watch = {
      observe(win) {
        win.addEventListener("load", () => {
          if (win.document.documentElement.getAttribute("windowtype") != "msgcompose") return;
          Services.ww.unregisterNotification(watch);
          win.addEventListener("compose-window-init", () => {}, true);
          win.addEventListener("compose-editor-ready", () => resolve(win), { once: true });
          setTimeout(() => resolve(win), 15000);
        }, { once: true });
      },
    };
    Services.ww.registerNotification((w, topic) => topic == "domwindowopened" && watch.observe(w));
  });
  MailServices.compose.OpenComposeWindow(null, hdr, uri, Ci.nsIMsgCompType.ReplyToSender, Ci.nsIMsgCompFormat.PlainText,
    MailServices.accounts.accounts[0].defaultIdentity, null, null, null);
  const win = await opened;
  await pause(5000); // the window looks for keys in the background
  const state = { to: win.gMsgCompose.compFields.to, encrypt: win.gSendEncrypted, sign: win.gSendSigned,
    pgp: win.gSelectedTechnologyIsPGP, subject: win.document.getElementById("msgSubject").value };
  const editor = win.GetCurrentEditor();
  editor.beginningOfDocument();
  editor.insertText(text);
  const sent = new Promise(resolve => {
    win.gMsgCompose.addMsgSendListener({
      QueryInterface: ChromeUtils.generateQI(["nsIMsgSendListener"]),
      onStartSending() {}, onSendProgress() {}, onStatus() {}, onGetDraftFolderURI() {},
      onStopSending(id, status) { resolve("0x" + status.toString(16)); },
      onSendNotPerformed(id, status) { resolve("not performed 0x" + status.toString(16)); },
      onTransportSecurityError() { resolve("tls"); },
    });
    setTimeout(() => resolve("timeout; windows: " + [...Services.wm.getEnumerator(null)].map(w => (w.document.getElementById("infoBody") || { textContent: w.document.title }).textContent).join(", ")), 40000);
  });
  win.GenericSendMessage(Ci.nsIMsgCompDeliverMode.Now);
  state.sent = await sent;
  shown.win.close();
  return state;
}
