"""Plain paragraphs out of the four kinds of source file: XHTML, CNXML, Markdown and reStructuredText."""
import re
from xml.etree import ElementTree as ET

SKIP_CHAPTER = re.compile(r"colophon|imprint|titlepage|uncopyright|endnotes|loi|toc|halftitle|dramatis|glossary|bibliography"
                          r"|introduction-by|foreword-by|preface-by|afterword")
SKIP_CNXML = {"exercise", "figure", "table", "metadata", "equation", "media", "glossary", "problem", "solution"}
SKIP_SECTION = {"multiple-choice", "review-questions", "suggested-reading", "references", "further-research"}


def clean(text):
    text = text.replace("\u2060", "").replace("\ufeff", "").replace("\u00ad", "")
    text = re.sub("[\u00a0\u2000-\u200b\u202f\u205f]", " ", text)
    text = text.replace("\u201c", '"').replace("\u201d", '"').replace("\u2018", "'").replace("\u2019", "'")
    return re.sub(r"\s+", " ", text).strip()


def _tag(element):
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def _flat(element, drop=("math", "note", "figure", "table", "newline", "sup")):
    parts = [element.text or ""]
    for child in element:
        if _tag(child) not in drop:
            parts.append(_flat(child, drop))
        parts.append(child.tail or "")
    return "".join(parts)


def _has(element, name):
    return any(_tag(x) == name for x in element.iter())


def _cnxml_walk(element, out):
    for child in element:
        tag = _tag(child)
        if tag in SKIP_CNXML or tag == "section" and child.get("class", "") in SKIP_SECTION:
            continue
        if tag == "para":
            if _has(child, "math"):
                continue
            text = clean(_flat(child))
            if len(text) > 40:
                out.append(text)
            if any(_tag(x) == "list" for x in child):
                _cnxml_walk(child, out)
        elif tag == "title" and _tag(element) == "section":
            text = clean(_flat(child))
            if text:
                out.append("## " + text)
        elif tag == "item":
            text = clean(_flat(child))
            if len(text) > 10 and not _has(child, "math"):
                out.append("- " + text)
        else:
            _cnxml_walk(child, out)


def cnxml(data, terms):
    """One OpenStax module -> paragraphs; adds its glossary terms to the set `terms`."""
    root = ET.fromstring(data)
    out = []
    for child in root:
        if _tag(child) == "title" and child.text:
            out.append("# " + clean(child.text))
        if _tag(child) == "content":
            _cnxml_walk(child, out)
    for definition in (d for d in root.iter() if _tag(d) == "definition"):
        term = next((x for x in definition if _tag(x) == "term"), None)
        if term is not None and 3 < len(clean(_flat(term))) < 40:
            terms.add(clean(_flat(term)))
    return out


def xhtml(data):
    """One chapter of a Standard Ebook -> paragraphs (note references are dropped)."""
    text = re.sub(r"&(?!amp;|lt;|gt;|quot;|apos;|#)", "&amp;", data.decode("utf-8"))
    out = []
    for element in ET.fromstring(text.encode("utf-8")).iter():
        if _tag(element) in ("h2", "h3", "h4", "p"):
            paragraph = clean(_flat(element, ("a",)) if _has(element, "a") else "".join(element.itertext()))
            if paragraph:
                out.append(paragraph)
    return out


def markdown(data):
    text = data.decode("utf-8", "replace")
    text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r"```.*?```", "", text, flags=re.S)
    text = re.sub(r"</?(Listing|span|a|img)[^>]*>", "", text)
    text = re.sub(r"\[([^\]]*)\](?:\[[^\]]*\]|\([^)]*\))", r"\1", text)
    paragraphs = (clean(p) for p in text.split("\n\n"))
    return [p for p in paragraphs if len(p) > 30 and not p.startswith(("[", "<", "{"))]


def rst(data):
    out = []
    for part in data.decode("utf-8", "replace").split("\n\n"):
        if re.match(r"^(PEP:|\s|\.\.|Copyright|References)", part) or "::" in part:
            continue
        part = clean(re.sub(r"`([^`<]*)(<[^>]*>)?`_*", r"\1", part))
        if len(part) > 80 and not re.search(r"[=\-~]{8,}|https?://", part):
            out.append(part)
    return out
