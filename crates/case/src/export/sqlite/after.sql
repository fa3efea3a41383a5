CREATE INDEX messages_thread ON messages (thread);
INSERT INTO threads
    SELECT thread, (SELECT m.subject FROM messages m WHERE m.thread = g.thread
                    ORDER BY m.date IS NULL, m.date, m.number LIMIT 1),
           min(date), max(date), count(*), sum(hit)
    FROM (SELECT thread, date, hit, number FROM messages ORDER BY number) g
    GROUP BY thread ORDER BY min(number);
CREATE INDEX messages_date ON messages (date);
CREATE INDEX message_people_message ON message_people (message);
CREATE INDEX message_people_person ON message_people (person);
CREATE INDEX people_address ON people (address);
CREATE INDEX copies_message ON copies (message);
CREATE INDEX copies_source ON copies (source);
CREATE INDEX attachments_message ON attachments (message);
CREATE INDEX attachments_sha256 ON attachments (sha256);
CREATE VIRTUAL TABLE messages_fts USING fts5 (
    subject, sender, recipients, body, attachment_text,
    content="messages", content_rowid="number", tokenize="unicode61 remove_diacritics 2");
INSERT INTO messages_fts (messages_fts) VALUES ('rebuild');
INSERT INTO messages_fts (messages_fts) VALUES ('optimize');
