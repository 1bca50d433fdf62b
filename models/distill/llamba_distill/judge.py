"""Rules that judge answers: loops, facts, summaries. Plain text in, plain numbers out."""
import re

LONGEST_LOOP = 60          # tokens


def loops(tokens):
    """True if some stretch of 1 to 60 tokens stands four times in a row and covers 16 tokens or more in all."""
    n = len(tokens)
    for size in range(1, LONGEST_LOOP + 1):
        times = max(4, -(-16 // size))
        run = 0
        for i in range(size, n):
            run = run + 1 if tokens[i] == tokens[i - size] else 0
            if run >= size * (times - 1):
                return True
    return False


def right(answer, wanted):
    """wanted: alternatives joined by |, lower case; one must occur as a whole word or words."""
    low = answer.lower().replace("₂", "2")
    return any(re.search(rf"(?<![a-z0-9]){re.escape(w)}s?(?![a-z0-9])", low) for w in wanted.split("|"))


def words(text):
    return re.findall(r"[a-z0-9']+", text.lower())


def rouge_l(ours, reference):
    """F1 of the longest common subsequence of words."""
    a, b = words(ours), words(reference)
    if not a or not b:
        return 0.0
    row = [0] * (len(b) + 1)
    for x in a:
        before = 0
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], before + 1 if x == y else max(row[j], row[j - 1])
    common = row[-1]
    return 2 * common / (len(a) + len(b))


def entities(text):
    """Capitalized words that do not begin a sentence, and numbers."""
    names = re.findall(r"(?<=[a-z,;:] )[A-Z][A-Za-z'-]+", text)
    return [e.rstrip("'s") for e in names] + re.findall(r"\d[\d,.]*\d|\d", text)


def supported(summary, passage):
    """-> entities of the summary that occur in the passage, all entities of the summary."""
    found = entities(summary)
    low = passage.lower()
    return sum(e.lower() in low for e in found), len(found)
