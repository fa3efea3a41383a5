#!/usr/bin/env python3
"""Writes the printed mail of the ARMS system (CREATOR:, TO:, CC: lines) as EML files, one a print-out.

    prints_to_mail.py KAGAN_PRINTS.zip FOLDER

Only people, subject and text are taken over: enough to resolve people on, whatever else the program reads of print-outs.
A person is written as `"name" <address>` as people_strings.py reads it.
"""
import os
import re
import sys
import zipfile

import people_strings

FIELD = re.compile(r"^\s*(CREATOR|TO|CC|BCC)\s*[:;.]\s*(.*)$")


def fields(text):
    """Role and value of each person line, wrapped lines joined."""
    head = text.split("\nTEXT:", 1)[0]
    lines = head.splitlines()
    for at, line in enumerate(lines):
        match = FIELD.match(line)
        if match:
            value = match.group(2)
            after = lines[at + 1] if at + 1 < len(lines) else ""
            if value.count("(") > value.count(")") and after.strip() and not re.match(r"^\s*[A-Z./ ]+[:;=]", after):
                value += " " + after.strip()
            yield match.group(1), value


def written(person):
    name, address = person
    name = name.replace("\\", "").replace('"', "'")
    if not address:
        return f'"{name}"'
    return f'"{name}" <{address.replace(">", "")}>' if name else f"<{address}>"


def mail(name, text):
    roles = {"CREATOR": [], "TO": [], "CC": [], "BCC": []}
    for role, value in fields(text):
        person = people_strings.arms_person(value)
        if person:
            roles[role].append(written(person))
    lines = [f"Message-ID: <{name}@prints.example>", f"Subject: {name}"]
    for role, header in (("CREATOR", "From"), ("TO", "To"), ("CC", "Cc"), ("BCC", "Bcc")):
        if roles[role]:
            lines.append(f"{header}: " + ";\n ".join(roles[role]))
    body = text.split("\nTEXT:", 1)[1] if "\nTEXT:" in text else text
    lines += ["Content-Type: text/plain; charset=utf-8", "", body]
    return "\n".join(lines)


def main():
    source, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    with zipfile.ZipFile(source) as archive:
        for member in archive.namelist():
            if member.endswith("/"):
                continue
            text = archive.read(member).decode("utf-8", "replace").replace("\r\n", "\n")
            name = re.sub(r"[^A-Za-z0-9]+", "-", member).strip("-")
            with open(os.path.join(folder, name + ".eml"), "w", encoding="utf-8") as out:
                out.write(mail(name, text))


if __name__ == "__main__":
    main()
