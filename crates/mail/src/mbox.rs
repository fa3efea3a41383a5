//! Mailboxes: many messages in one stream of bytes.
