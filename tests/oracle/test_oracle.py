"""The oracle on mail made by hand: every expected value follows from a standard or from the contract."""

import base64
import os
import tempfile
import unittest

import corpus
import grammar
import htmltext
import mailbytes
import mailread
import mailtext
import oracle
import porter2
import terms

PLAIN = (b"From: Ann Example <ann@mail.agency.example>\nTo: \"Bell, Carl\" <carl@city.example>, dora@city.example\n"
         b"Subject: =?utf-8?q?Caf=C3?= =?utf-8?q?=A9_contract?= 2021-CV-00123\nDate: Tue, 10 May 2016 23:30:00 -0400\n"
         b"Message-ID: <one@agency.example>\nX-Mailer: Inventor 3.1\n\nThe meetings of the\nboard were moved. O'Hara agreed.\n")
REPLY = (b"From: dora@city.example\nTo: ann@mail.agency.example\nSubject: Re: lunch\nIn-Reply-To: <one@agency.example>\n"
         b"Date: Wed, 11 May 2016 18:29:00 +0000\nMessage-ID: <two@city.example>\nContent-Type: multipart/mixed; boundary=b\n\n"
         b"--b\nContent-Type: text/html; charset=utf-8\n\n<style>hidden{}</style><p>Fine<b>print</b><br>see na\xc3\xafve &amp; more</p>\n"
         b"--b\nContent-Type: application/pdf; name=budget.pdf\nContent-Disposition: attachment; filename=\"budget_2016.pdf\"\n"
         b"Content-Transfer-Encoding: base64\n\nJVBERi0=\n"
         b"--b\nContent-Type: text/csv\nContent-Disposition: attachment; filename=t.csv\n\nzebra,17\n"
         b"--b\nContent-Type: message/rfc822\n\nFrom: Eve <eve@inner.example>\nSubject: inner words\n\ndeep text\n--b--\n")
NONE = b"From: nobody@none.example\nSubject: =?iso-2022-jp?B?GyRCRnxLXDhsGyhC?=\n\nno date here: payment_id=7\n"


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        root = os.path.join(cls.folder.name, "release")
        os.makedirs(root)
        for name, data in (("a.eml", PLAIN), ("b.eml", REPLY), ("c.eml", NONE)):
            with open(os.path.join(root, name), "wb") as file:
                file.write(data)
        cls.oracle = oracle.Oracle(corpus.load([("first", root)], cls.folder.name, 1), "America/New_York")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def found(self, query, zone="America/New_York"):
        self.oracle.set_zone(zone)
        answer = self.oracle.answer(query)
        return "".join("abdc"[at] if at < 2 else {2: "i", 3: "c"}[at] for at in self.oracle.members(answer.taken))

    def test_queries(self):
        for query, expected in {
            "*": "abic", "meeting": "a", '"meeting"': "", '"meetings of the board"': "a", "cafe": "a", "CAFÉ": "a", "o'hara": "a", "o’hara": "a",
            "2021-CV-00123": "a", "payment_id=7": "c", '"board meetings"': "", '"board meetings"~2': "a", '"board meetings"~1': "",
            "boar*": "a", "baord~1": "a", "berad~1": "", "/bo.rd/": "a", "/bo/": "", "fineprint": "b", "hidden": "", "naive more": "b",
            "from:ann": "a", "from:@agency.example": "a", "from:@mail.agency.example": "a", "to:@agency.example": "b",
            "with:dora": "ab", "to:(carl dora)": "a", "to:dora@city.example": "a", "to:bell": "a", "subject:lunch": "b", "body:lunch": "",
            "deep": "i", "from:eve": "i", "attachment:budget": "b", "attached:zebra": "b", "body:zebra": "", "filetype:pdf": "b",
            "has:attachment": "b", "is:reply": "b", "date:none": "ic", "header.x-mailer:inventor": "a",
            "message-id:<one@agency.example>": "a", "日本語": "c", "lunch OR board naive": "b", "(lunch OR board) naive": "b",
            "lunch OR board": "ab", "NOT lunch board": "a", "-lunch": "aic", "NOT (lunch OR board)": "ic", "release:f*": "abic",
            "size:<200": "ic", "size:>1M": "",
        }.items():
            with self.subTest(query):
                self.assertEqual(self.found(query), expected)

    def test_days_at_their_border(self):
        # 23:30 -0400 is 10 May in New York and 09:00 on 11 May in Kolkata; 18:29 UTC is 23:59 on 11 May there.
        self.assertEqual(self.found("date:2016-05-10"), "a")
        self.assertEqual(self.found("date:2016-05-11"), "b")
        self.assertEqual(self.found("date:2016-05-11", "Asia/Kolkata"), "ab")
        self.assertEqual(self.found("before:2016-05-11"), "a")
        self.assertEqual(self.found("after:2016-05-11"), "b")
        self.assertEqual(self.found("date:2016-05-10..2016-05-11"), "ab")
        self.assertEqual(self.found("date:2016-05"), "ab")
        self.assertEqual(self.found("date:2016-05-11.."), "b")
        self.assertEqual(self.found("date:(2015 OR 2016)"), "ab")

    def test_copies_count_once(self):
        two = oracle.Oracle(self.oracle.corpus, ids=[0, 0, 1, 2])
        answer = two.answer("lunch")
        self.assertEqual((answer.must, answer.taken), (0, 1))  # one of the two copies says it: may, not must
        self.assertEqual(two.answer("*").must, 0b111)


class Reading(unittest.TestCase):
    def test_mailboxes_split_only_at_real_separators(self):
        box = (b"From a@x.example Tue May 10 23:30:00 2016\nSubject: one\n\n>From here on\nFrom this line no message starts\n\n"
               b"From the office, Mon 3 words\n\nFrom b@x.example Wed May 11 00:00:00 2016\nSubject: two\n\nend\n")
        found = list(mailbytes.split_mbox(box))
        self.assertEqual([box[o : o + 12] for o, _ in found], [b"Subject: one", b"Subject: two"])
        self.assertTrue(found[0][1].endswith(b"Mon 3 words\n"))

    def test_encoded_words_split_inside_a_character(self):
        self.assertEqual(mailtext.decode_header("=?utf-8?b?w6k=?= =?utf-8?q?=C3?=\n =?utf-8?q?=A9?= x", set()), "éé x")

    def test_dates(self):
        flags = set()
        self.assertEqual(mailtext.parse_date("Thu, 1 Jan 1998 00:00:00 +0100 (CET)", flags), 883609200)
        self.assertEqual(mailtext.parse_date("1 Jan 1998 00:00 GMT", flags), 883612800)
        self.assertEqual(flags, set())
        mailtext.parse_date("yesterday", flags)
        self.assertEqual(flags, {"date"})

    def test_base64_with_padding_in_each_line(self):
        text = b"".join(base64.b64encode(part) + b"\n" for part in (b"one", b"four", b"three"))
        self.assertEqual(mailtext.decode_base64(text, set()), b"onefourthree")

    def test_charset_doubts_are_flagged(self):
        copy = mailbytes.Copy("r", "s", 0, b"Subject: x\n\ncaf\xe9\n", None)
        self.assertIn("charset", mailread.read_copy(copy)[0].flags)

    def test_html(self):
        text, asides, odd = htmltext.html_text("<title>T</title><p>a<i>b</i><td>c&eacute;<script>d</script>")
        self.assertEqual((text.split(), asides, odd), (["ab", "cé"], ["T", "d"], False))


class Words(unittest.TestCase):
    def test_terms(self):
        self.assertEqual(terms.terms("Élan e\u0301t_x ＡＢ-1"), ["elan", "et", "x", "ａｂ", "1"])
        self.assertEqual(terms.terms("ab日本語c"), ["ab", "日本", "本語", "c"])

    def test_edit_distance(self):
        for left, right, limit, expected in (("abcd", "abdc", 1, True), ("ca", "abc", 2, False), ("ab", "ab", 0, True),
                                             ("kitten", "sitting", 3, True), ("kitten", "sitting", 2, False)):
            self.assertEqual(terms.osa_at_most(left, right, limit), expected)

    def test_stems_of_the_published_sample(self):
        for word, expected in {"consigned": "consign", "consistency": "consist", "consolations": "consol", "knightly": "knight",
                               "knocker": "knocker", "generously": "generous", "skies": "sky", "dying": "die", "hopping": "hop",
                               "hoping": "hope", "relational": "relat", "happy": "happi", "cries": "cri", "ties": "tie"}.items():
            self.assertEqual(porter2.stem(word), expected)

    def test_slop_counts_the_words_between(self):
        import array
        unit = array.array("I", [1, 9, 2, 9, 9, 1]).tobytes()
        self.assertTrue(oracle.within(unit, [2, 1], 1))
        self.assertFalse(oracle.within(unit, [2, 1], 0))
        self.assertTrue(oracle.within(unit, [1, 1, 2], 3))
        self.assertFalse(oracle.within(unit, [1, 1, 2], 2))


class Grammar(unittest.TestCase):
    def test_precedence_and_writing(self):
        for text in ('a b OR c', '(a OR b) c', '-a b', '-(a OR b)', 'subject:("x y"~3 OR z*)', 'from:@x.example', 'w~2 /a.c/', "*"):
            tree = grammar.parse(text)
            self.assertEqual(grammar.to_text(tree, lambda n: "-" if n.kind == "not" else " "), text)

    def test_malformed(self):
        for text in ("(a", "a OR", "NOT", '"open', "a )"):
            with self.assertRaises(grammar.Malformed):
                grammar.parse(text)


if __name__ == "__main__":
    unittest.main()
