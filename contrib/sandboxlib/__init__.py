"""A whole desk on loopback: a private Postfix, a private embargod, keys and mailboxes for everyone."""
