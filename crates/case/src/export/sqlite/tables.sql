CREATE TABLE releases (
    name TEXT PRIMARY KEY, agency TEXT, request TEXT, date_received TEXT, promised INTEGER,
    time_zone TEXT);
CREATE TABLE sources (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, release TEXT NOT NULL REFERENCES releases (name),
    path TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT, kind TEXT NOT NULL);
CREATE TABLE threads (
    id TEXT PRIMARY KEY, subject TEXT, first TEXT, last TEXT, messages INTEGER NOT NULL,
    hits INTEGER NOT NULL);
-- Dates are in UTC; date_as_written has the sender's clock and offset (RFC 3339).
CREATE TABLE messages (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    thread TEXT NOT NULL REFERENCES threads (id), hit INTEGER NOT NULL, date TEXT,
    date_as_written TEXT, date_precision TEXT, zone_known INTEGER NOT NULL, subject TEXT,
    sender TEXT NOT NULL, recipients TEXT NOT NULL, body TEXT NOT NULL, own_words TEXT NOT NULL,
    attachment_text TEXT NOT NULL, language TEXT, size INTEGER NOT NULL, flags TEXT NOT NULL,
    message_id TEXT, edrm_message_id_hash TEXT, attached_to TEXT);
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, address TEXT);
CREATE TABLE message_people (
    message TEXT NOT NULL REFERENCES messages (id), role TEXT NOT NULL, position INTEGER NOT NULL,
    person INTEGER NOT NULL REFERENCES people (id));
CREATE TABLE copies (
    id INTEGER PRIMARY KEY, message TEXT NOT NULL REFERENCES messages (id),
    source INTEGER NOT NULL REFERENCES sources (id), path_inside TEXT, "offset" INTEGER NOT NULL,
    length INTEGER NOT NULL, sha256 TEXT NOT NULL, folder TEXT);
CREATE TABLE attachments (
    id INTEGER PRIMARY KEY, message TEXT NOT NULL REFERENCES messages (id), part TEXT NOT NULL,
    name TEXT, type TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL, state TEXT);
