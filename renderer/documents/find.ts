/** Finds words in a page's text, whatever its line breaks and capitals. */

/** The text with every run of white space as one blank, in lower case; `at[i]`: where its i-th character stood. */
function plain(text: string): { readonly letters: string; readonly at: readonly number[] } {
  let letters = '';
  const at: number[] = [];
  for (let i = 0; i < text.length; i += 1) {
    const blank = /\s/.test(text.charAt(i));
    if (blank && letters.endsWith(' ')) continue;
    // Lower case may be longer than upper: then it stays as it is, so that places remain places.
    const lower = text.charAt(i).toLowerCase();
    letters += blank ? ' ' : lower.length === 1 ? lower : text.charAt(i);
    at.push(i);
  }
  return { letters, at };
}

/** From where to where in `text` the words stand, end excluded; null: nowhere. A snippet's ellipses do not count. */
export function locate(text: string, words: string): readonly [from: number, to: number] | null {
  const wanted = plain(words.replace(/^[\s…]+|[\s…]+$/g, '')).letters;
  if (wanted === '') return null;
  const { letters, at } = plain(text);
  const from = letters.indexOf(wanted);
  if (from < 0) return null;
  return [at[from] ?? 0, (at[from + wanted.length - 1] ?? 0) + 1];
}
