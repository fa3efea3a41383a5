"""Opens the pages of an HTML export in Chromium and watches it: every request, every script, every breach of the policy.

Needs `chromium` and Python's `websocket-client`. The mail is hostile on purpose, and invented.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from common import Program, Wrong, expect, read, run_checks

EVIL = "<script>document.title='OWNED';fetch('https://evil.example/s')</script>"
ATTRIBUTE = "\" onmouseover=\"document.title='OWNED'\" x=\"<img src=https://evil.example/i onerror=\"document.title='OWNED'\">"


def hostile_mail():
    """Mails that try to run something from each field, part and name."""
    html = (
        f"<html><head><meta http-equiv=refresh content='0;url=https://evil.example/'>{EVIL}<base href='https://evil.example/'>"
        "<link rel=stylesheet href='https://evil.example/c.css'><style>@import url(https://evil.example/d.css);</style></head>"
        f"<body onload=\"document.title='OWNED'\"><p>Hello pier</p>{ATTRIBUTE}<iframe src='https://evil.example/f'></iframe>"
        "<svg onload=\"document.title='OWNED'\"></svg><a href='javascript:alert(1)'>x</a><form action='https://evil.example/'></form></body></html>"
    )
    plain = f"</div></details></article></main>{EVIL}\n> {EVIL}\n\n-- \n{ATTRIBUTE}\n]]><!--\n</style></script>"
    names = [f"a{EVIL}.html", "../../../index.html", "x.svg", "run.xhtml", "noending", "CON", "a\u202egnp.exe", "x" * 300 + ".htm"]
    files = "".join(
        f"--c\nContent-Type: text/html; name=\"{name.replace(chr(34), '')}\"\nContent-Disposition: attachment\n\n{html}\n" for name in names
    )
    parts = f"Content-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: text/html\n\n{html}\n{files}--c--\n"
    head = "To: bob@city.example\nDate: Mon, 1 Mar 2021 10:30:{:02} -0500\nMIME-Version: 1.0\n"
    return [
        f"From: \"{EVIL}\" <a@x.example>\nSubject: {EVIL}\nMessage-ID: <1{EVIL}@x>\n{head.format(1)}{parts}",
        f"From: a@x.example{ATTRIBUTE}\nSubject: {ATTRIBUTE}\nMessage-ID: <2@x.example>\n{head.format(2)}Content-Type: text/plain\n\n{plain}\n",
        f"From: b@x.example\nSubject: Re: {ATTRIBUTE}\nIn-Reply-To: <2@x.example>\nMessage-ID: <3@x.example>\n{head.format(3)}"
        f"Content-Type: text/plain; name=\"{EVIL}\"\n\nOn Monday, {EVIL} wrote:\n> {plain}\n",
    ]


class Browser:
    """Chromium with its debugging protocol."""

    def __init__(self):
        import websocket

        self.profile = tempfile.mkdtemp()
        self.process = subprocess.Popen(
            [
                shutil.which("chromium") or "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
                "--remote-allow-origins=*", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={self.profile}", "about:blank",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        port_file = os.path.join(self.profile, "DevToolsActivePort")
        for _ in range(600):
            if os.path.exists(port_file) and len(read(port_file).split()) == 2:
                break
            time.sleep(0.1)
        port = read(port_file).split()[0].decode()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
            page = next(page for page in json.load(answer) if page["type"] == "page")
        self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=60)
        self.number = 0
        self.events = []
        for domain in ("Page", "Network", "Runtime", "Debugger", "Log", "Audits"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                if "error" in message:
                    raise Wrong(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def open(self, path):
        """Opens a page, waits until it is still, and gives what happened."""
        self.events.clear()
        self.call("Page.navigate", url="file://" + urllib.parse.quote(path))
        deadline = time.time() + 30
        while not any(event["method"] == "Page.loadEventFired" for event in self.events) and time.time() < deadline:
            self.call("Runtime.evaluate", expression="1")
            time.sleep(0.02)
        time.sleep(0.1)
        self.call("Runtime.evaluate", expression="1")
        return list(self.events)

    def value(self, expression):
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


def own_script(page):
    scripts = re.findall(r"<script>(.*?)</script>", page, re.S)
    expect(len(scripts) == 1, f"{len(scripts)} scripts on a page")
    return scripts[0]


def check_page(browser, folder, name):
    path = os.path.join(folder, name)
    script = own_script(read(path).decode())
    events = browser.open(path)
    of = lambda method: [event["params"] for event in events if event["method"] == method]
    for request in of("Network.requestWillBeSent"):
        url = urllib.parse.unquote(request["request"]["url"])
        expect(url.startswith("file://" + folder + "/"), f"{name} asks for {url}")
    ran = [one for one in of("Debugger.scriptParsed") if one["url"].startswith("file:") or one.get("embedderName", "").startswith("file:")]
    expect(len(ran) == 1, f"{name} runs {len(ran)} scripts")
    source = browser.call("Debugger.getScriptSource", scriptId=ran[0]["scriptId"])["scriptSource"]
    expect(source == script, f"{name} runs another script than ours")
    for entry in of("Log.entryAdded"):
        raise Wrong(f"{name}: {entry['entry']['text']}")
    for issue in of("Audits.issueAdded"):
        raise Wrong(f"{name}: {json.dumps(issue['issue'])[:300]}")
    for wrong in of("Runtime.exceptionThrown"):
        raise Wrong(f"{name}: {wrong['exceptionDetails']['text']}")
    expect(browser.value("document.title") != "OWNED", f"{name} was taken over")
    expect(browser.value("document.querySelectorAll('img,iframe,object,embed,link,form,base,svg,audio,video').length") == 0, f"{name} has foreign elements")
    hashes = re.search(r"script-src '(sha256-[^']+)'", read(path).decode()).group(1)
    import base64

    expect(hashes == "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(), f"{name}: the policy allows another script")


def check_search(browser, folder, thread, word):
    browser.open(os.path.join(folder, thread))
    browser.value(f"(i => {{ i.value = {json.dumps(word)}; i.dispatchEvent(new Event('input')); }})(document.getElementById('words'))")
    time.sleep(0.4)
    marks = browser.value("document.querySelectorAll('mark').length")
    counted = browser.value(
        f"document.querySelector('main').textContent.toLowerCase().split({json.dumps(word.lower())}).length - 1"
    )
    expect(marks == counted and marks > 0, f"{marks} of {counted} places of {word!r} are marked")
    hidden = browser.value("[...document.querySelectorAll('mark.now')].filter(m => m.closest('details:not([open])')).length")
    expect(hidden == 0, "the place found lies in a fold that is closed")
    browser.open(os.path.join(folder, "index.html"))
    browser.value("(i => { i.value = 'zeppelin-nowhere'; i.dispatchEvent(new Event('input')); })(document.getElementById('words'))")
    time.sleep(0.4)
    expect(browser.value("document.querySelectorAll('#rows > li:not([hidden])').length") == 0, "the list is not filtered")
    return f"{marks} places marked"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--muckrake", required=True)
    parser.add_argument("--case", help="a case to export besides that of hostile mail")
    parser.add_argument("--work", required=True)
    parser.add_argument("--pages", type=int, default=200, help="most pages of a case that are opened")
    arguments = parser.parse_args()
    work = os.path.abspath(arguments.work)
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(os.path.join(work, "mail"))
    for number, mail in enumerate(hostile_mail()):
        with open(os.path.join(work, "mail", f"{number}.eml"), "w", encoding="utf-8") as file:
            file.write(mail)
    hostile = Program(arguments.muckrake, os.path.join(work, "case"))
    hostile.run("ingest", os.path.join(work, "mail"), "--release", EVIL)
    cases = [("hostile", hostile, "owned")]
    if arguments.case:
        cases.append(("case", Program(arguments.muckrake, arguments.case), "the"))
    browser = Browser()
    checks = []
    try:
        for name, program, word in cases:
            folder = os.path.join(work, "pages-" + name)
            program.export(folder, "html", "--threads")
            threads = sorted(os.listdir(os.path.join(folder, "threads")))
            pages = ["index.html"] + ["threads/" + thread for thread in threads[: arguments.pages]]

            def opened(folder=folder, pages=pages):
                for page in pages:
                    check_page(browser, folder, page)
                return f"{len(pages)} pages"

            def attached(folder=folder):
                """What a colleague opens by a click: nothing of it may run either."""
                count = 0
                for above, _, names in os.walk(os.path.join(folder, "attachments")):
                    for one in names[:50]:
                        if one.endswith((".bin", ".pdf", ".zip", ".docx", ".xlsx", ".csv", ".ics")):
                            continue
                        events = browser.open(os.path.join(above, one))
                        ran = [e for e in events if e["method"] == "Debugger.scriptParsed" and e["params"]["url"].startswith("file:")]
                        expect(not ran and browser.value("document.title") != "OWNED", f"{one} runs a script")
                        count += 1
                return f"{count} files"

            checks.append((f"{name}: pages ask for nothing and run our script alone", opened))
            checks.append((f"{name}: attachments run nothing", attached))
            checks.append((f"{name}: the search finds", lambda folder=folder, threads=threads, word=word: check_search(browser, folder, "threads/" + largest(folder, threads), word)))
        return run_checks(checks)
    finally:
        browser.close()


def largest(folder, threads):
    return max(threads, key=lambda name: os.path.getsize(os.path.join(folder, "threads", name)))


if __name__ == "__main__":
    sys.exit(main())
