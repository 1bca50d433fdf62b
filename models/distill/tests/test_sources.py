"""Sources without a permissive licence are refused by code."""
import subprocess

import pytest

from llamba_distill import extract, judge
from llamba_distill.prepare_text import documents
from llamba_distill.sources import Refused, Repo, licence, pep_is_free

CC0 = "dedicate their contributions via the terms in the [CC0 1.0 Universal Public Domain Dedication]"


def repository(folder, files):
    git = lambda *a: subprocess.run(["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@t", *a], check=True,
                                    capture_output=True)
    git("init", "-q")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git("add", ".")
    git("commit", "-qm", "x")
    return Repo(folder / ".git")


@pytest.mark.parametrize("name, files, why", [
    ("standardebooks/bertrand-russell_the-problems-of-philosophy", {"LICENSE.md": CC0}, "year of death"),
    ("standardebooks/jane-austen_emma", {"LICENSE.md": "all rights reserved"}, "not CC0"),
    ("standardebooks/jane-austen_emma_an-unknown-translator", {"LICENSE.md": CC0}, "year of death"),
    ("openstax/osbooks-business-ethics", {"LICENSE": "Attribution 4.0 International"}, "reviewed"),
    ("openstax/osbooks-principles-economics-bundle", {"LICENSE": "Attribution-NonCommercial-ShareAlike 4.0 International"}, "not CC BY"),
    ("openstax/osbooks-principles-economics-bundle", {"LICENSE": "Attribution 4.0 International",
     "a.collection.xml": "http://creativecommons.org/licenses/by-nc-sa/4.0/"}, "by-nc-sa"),
    ("somebody/essays", {"LICENSE": "MIT"}, "unknown"),
])
def test_refused(tmp_path, name, files, why):
    with pytest.raises(Refused, match=why):
        licence(name, repository(tmp_path, files))


def test_accepted_and_read(tmp_path):
    text = "<html><body><h2>One</h2><p>" + "It is a truth. " * 60 + "</p></body></html>"
    repo = repository(tmp_path, {"LICENSE.md": CC0, "src/epub/text/chapter-1.xhtml": text, "src/epub/text/colophon.xhtml": text})
    assert licence("standardebooks/jane-austen_emma", repo) == "CC0-1.0"
    ((path, paragraphs),) = documents("standardebooks/jane-austen_emma", repo, set())
    assert path.endswith("chapter-1.xhtml") and paragraphs[0] == "One"


def test_peps_say_it_themselves():
    assert pep_is_free("text\n\nThis document is placed in the public domain or under CC0-1.0-Universal.")
    assert not pep_is_free("text\n\nCopyright by somebody")


def test_markdown_loses_code_and_links():
    data = b"See [the book](http://x.y) for a longer sentence here.\n\n```rust\nfn main() {}\n```\n"
    assert extract.markdown(data) == ["See the book for a longer sentence here."]


def test_judges():
    assert judge.loops([5, 6, 7, 8] * 6) and not judge.loops(list(range(60)))
    assert judge.right("It is H₂O.", "h2o") and not judge.right("Parisian", "paris")
    assert judge.rouge_l("a b c", "a b c") == 1.0
    assert judge.supported("He met Ana in 1951.", "In 1951 Ana came.") == (2, 2)
