"""Fills fuzz/corpus with seeds: the project's fixtures, packed in every way for the targets on archives, and lines for those on text.

`--more FOLDER` adds the files of a folder of real mail, `--prints ZIP` the texts of print-outs in an archive; what is made of them is not for the
repository.
"""

import argparse
import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
LONGEST = 20_000
QUERIES = """
from:@parks.example budget -draft
"north pier"~3 OR (quay AND NOT lunch)
dredg* contarct~1 /pier\\d+/ date:2016-05..2018
subject:(a OR "b c") official:"Anne Example" with:anne@agency.example
header.list-id:foo size:>1M lang:es id:0abcdef is:reply has:attachment
folder:"In*" source:*.mbox release:mayor message-id:<1@x.example> thread:0123456789 tag:key date:"last friday" date:none
"""
PEOPLE = """
Anne Example <anne@agency.example>, "Trial, Bob" <bob@city.example>
undisclosed-recipients:; =?utf-8?q?Ann=C3=A9?= <a@b.example> (comment (nested))
Example, Anne; Trial, Bob [/o=Agency/ou=First/cn=Recipients/cn=btrial]
Tue, 12 Sep 2017 09:15:00 +0000 (UTC)
Monday, 4 March 2003 3:33 PM
2003-03-04T03:33:20Z
""" + "Sat Jan  1 00:00:00 EST 101\n"
# Rows of a load file, one column a field; the natives and the text are those that `checks::production` lays beside it.
ROWS = r"""
DOCID|PARENTID|FROM|TO|SUBJECT|DATESENT|TIMEZONE|NATIVELINK|TEXTLINK
P-1||anne@harbour.example|bob@city.example|Pier 1|2021-03-01 10:30|UTC|.\N\1.eml|.\T\1.txt
P-2|P-1|||||| .\n\2.EML|
P-3||Carol Demo <carol@city.example>|"Sample, Bob"; anne@harbour.example|Quay|3/2/2021 9:15 AM|||.\T\1.txt
P-5||dan@city.example||Keys||||.\N\5.msg|
P-6|too few
"""
PAGES = r"""
P-1,VOL01,.\T\1.txt,Y,,,2
P-2,VOL01,.\T\2.tif,,,,
"""


def files_below(folder):
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(parent, name)
            if os.path.isfile(path) and os.path.getsize(path) <= LONGEST:
                with open(path, "rb") as file:
                    yield os.path.relpath(path, folder), file.read()


def packed(files):
    """The files in every container that is read."""
    mail = files[:4]
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        for _, data in mail:
            yield pack(data)
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            for name, data in mail:
                archive.writestr(name, data)
        yield out.getvalue()
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=form) as archive:
            for name, data in mail:
                info = tarfile.TarInfo(name * 20 if form != tarfile.USTAR_FORMAT else name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        yield out.getvalue()
        yield gzip.compress(out.getvalue())


def load_files():
    """The rows in the ways in which load files are written."""
    rows = [line.split("|") for line in ROWS.strip().splitlines()]
    dat = "".join("\x14".join(f"\xfe{field}\xfe" for field in row) + "\r\n" for row in rows)
    yield ("\ufeff" + dat).encode()
    yield dat.encode("cp1252")
    yield ("\ufeff" + dat).encode("utf-16-le")
    yield ("\ufeff" + dat).encode("utf-16-be")
    for separator, quote in ("|^", ',"', '\t"'):
        yield "".join(separator.join(f"{quote}{field.replace(quote, quote * 2)}{quote}" for field in row) + "\n" for row in rows).encode()
    yield PAGES.strip().encode()


def texts_in(archive):
    """Every 50th text of an archive, as far as it is short."""
    with zipfile.ZipFile(archive) as held:
        names = sorted(name for name in held.namelist() if name.endswith(".txt"))
        for name in names[::50]:
            if held.getinfo(name).file_size <= LONGEST:
                yield held.read(name)


def write(target, seeds):
    folder = os.path.join(HERE, "corpus", target)
    os.makedirs(folder, exist_ok=True)
    for number, data in enumerate(seeds):
        with open(os.path.join(folder, f"seed-{number:04}"), "wb") as file:
            file.write(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--more")
    parser.add_argument("--prints", nargs="*", default=[])
    arguments = parser.parse_args()
    files = list(files_below(os.path.join(HERE, "..", "fixtures")))
    mail = [(name, data) for name, data in files if name.endswith((".eml", ".mbox"))]
    if arguments.more:
        files += list(files_below(arguments.more))
        mail = files
    bytes_of_mail = [data for _, data in mail]
    from_line = b"From a@b.example Tue Mar  4 03:33:20 2003\n"
    mailboxes = [from_line.join([b"", *bytes_of_mail[at : at + 3]]) for at in range(0, len(mail), 3)]
    write("mailbox", mailboxes + bytes_of_mail[::7])
    write("message", bytes_of_mail)
    write("body", [bytes([number % 5, number % 16, number % 4]) + data for number, data in enumerate(bytes_of_mail)])
    prints = [data for name, data in files if name.startswith("prints") and name.endswith(".txt")]
    write("print_out", prints + [text for archive in arguments.prints for text in texts_in(archive)])
    write("zones_and_threads", bytes_of_mail[::3])
    write("people_and_dates", [line.encode() for line in PEOPLE.splitlines()])
    write("query", [line.encode() for line in QUERIES.splitlines()])
    write("container", [*packed(mail), *mailboxes[::5], *(data for _, data in files[::9])])
    write("load_file", load_files())
    members = [bytes([kind, number % 200, 5, len(data) % 256, len(data) // 256]) + b"1.eml" + data for kind in (0, 1, 2, 12) for number, data in enumerate(bytes_of_mail[::11])]
    write("archive_members", members)


if __name__ == "__main__":
    main()
