"""Which public repositories may be used as training text, and the check of their licences.

A source is used only if its licence file, read from the very commit that is used, is on the list of ALLOWED licences.
Standard Ebooks dedicates its editions with CC0, but says that the text itself is known to be public domain in the
United States only. So an author must be in AUTHORS with the year of death, and that year must be 1954 or earlier
(life + 70 years has then passed in 2025).
"""
import re
import subprocess
from pathlib import Path

ALLOWED = {"public domain", "CC0-1.0", "CC-BY-4.0", "MIT", "BSD-3-Clause", "Apache-2.0"}
LAST_YEAR_OF_DEATH = 1954

AUTHORS = {
    "adam-smith": 1790, "alexander-hamilton": 1804, "john-jay": 1829, "james-madison": 1836, "ambrose-bierce": 1914,
    "arthur-conan-doyle": 1930, "benjamin-franklin": 1790, "booker-t-washington": 1915, "bram-stoker": 1912,
    "charles-darwin": 1882, "charles-dickens": 1870, "charlotte-bronte": 1855, "edgar-rice-burroughs": 1950,
    "edith-wharton": 1937, "edward-gibbon": 1794, "ernest-shackleton": 1922, "frances-hodgson-burnett": 1924,
    "frederick-douglass": 1895, "g-k-chesterton": 1936, "george-eliot": 1880, "h-g-wells": 1946,
    "henry-david-thoreau": 1862, "henry-george": 1897, "herman-melville": 1891, "jack-london": 1916,
    "jane-austen": 1817, "jerome-k-jerome": 1927, "john-locke": 1704, "john-maynard-keynes": 1946,
    "john-stuart-mill": 1873, "kenneth-grahame": 1932, "l-frank-baum": 1919, "l-m-montgomery": 1942,
    "lewis-carroll": 1898, "john-tenniel": 1914, "lytton-strachey": 1932, "mark-twain": 1910, "mary-shelley": 1851,
    "mary-wollstonecraft": 1797, "oscar-wilde": 1900, "ralph-waldo-emerson": 1882, "robert-louis-stevenson": 1894,
    "theodore-roosevelt": 1919, "thorstein-veblen": 1929, "ulysses-s-grant": 1885, "william-james": 1910,
}

OPENSTAX = {"openstax/osbooks-college-success-bundle", "openstax/osbooks-introduction-anthropology",
            "openstax/osbooks-introduction-python-programming", "openstax/osbooks-life-liberty-and-pursuit-happiness",
            "openstax/osbooks-principles-economics-bundle"}


class Refused(Exception):
    """The source's licence could not be shown to be on the list."""


class Repo:
    """Reads files of one commit of a git directory (bare or not), without a work tree."""

    def __init__(self, git_dir):
        self.git_dir = str(git_dir)
        self.commit = self._git("rev-parse", "HEAD").decode().strip()
        self.files = self._git("ls-tree", "-r", "-z", "--name-only", "HEAD").decode("utf-8", "replace").split("\0")

    def _git(self, *args):
        done = subprocess.run(["git", f"--git-dir={self.git_dir}", *args], capture_output=True, check=True)
        return done.stdout

    def read(self, path):
        return self._git("cat-file", "blob", f"HEAD:{path}")

    def text(self, path):
        return self.read(path).decode("utf-8", "replace") if path in self.files else ""


def _standard_ebook(name, repo):
    authors = name.split("/")[1].split("_")
    people = [authors[0], *authors[2:]] if authors[0] not in ("alexander-hamilton",) else authors[:3]
    for person in people:
        died = AUTHORS.get(person)
        if died is None:
            raise Refused(f"no year of death is recorded for {person}")
        if died > LAST_YEAR_OF_DEATH:
            raise Refused(f"{person} died in {died}")
    if "CC0 1.0 Universal" not in repo.text("LICENSE.md"):
        raise Refused("the edition is not CC0")
    return "CC0-1.0"


def _openstax(name, repo):
    if name not in OPENSTAX:
        raise Refused("not one of the reviewed books")
    if not repo.text("LICENSE").lstrip().startswith("Attribution 4.0 International"):
        raise Refused("the licence file is not CC BY 4.0")
    books = [f for f in repo.files if f.endswith("collection.xml")]
    for book in books:
        kinds = set(re.findall(r"creativecommons\.org/licenses/([a-z-]+)/", repo.text(book)))
        if kinds != {"by"}:
            raise Refused(f"{book} says {sorted(kinds) or 'nothing'}")
    if not books:
        raise Refused("no collection names a licence")
    return "CC-BY-4.0"


def _rust_book(name, repo):
    if "Permission is hereby granted, free of charge" not in repo.text("LICENSE-MIT"):
        raise Refused("no MIT licence")
    return "MIT"


def licence(name, repo):
    """-> the licence of the repository `owner/name`, one of ALLOWED; raises Refused for everything else."""
    owner = name.split("/")[0]
    if owner == "standardebooks":
        found = _standard_ebook(name, repo)
    elif owner == "openstax":
        found = _openstax(name, repo)
    elif name == "rust-lang/book":
        found = _rust_book(name, repo)
    elif name == "python/peps":
        found = "public domain"                # stated by each PEP itself; pep_is_free() looks at every one
    else:
        raise Refused("unknown source")
    if found not in ALLOWED:
        raise Refused(f"{found} is not on the list")
    return found


def pep_is_free(text):
    """True if the PEP's own last section puts it in the public domain (or under CC0)."""
    return bool(re.search(r"public\s+domain|CC0-1\.0", text[-1500:], re.I))


def find_repositories(folder):
    """Yields (owner/name, Repo) for each snapshot `owner+name/repo` (or its .git) in a folder."""
    for path in sorted(Path(folder).glob("*+*")):
        git_dir = path / "repo"
        if (git_dir / ".git").is_dir():
            git_dir = git_dir / ".git"
        if git_dir.is_dir():
            yield path.name.replace("+", "/", 1), Repo(git_dir)
