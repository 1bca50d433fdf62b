/** A generated session as the JSON that Llamba imports: everyday Markdown, as many tokens as asked for. */
import { readTokenizer } from '../../electron/core/tokenizer.ts';
import { seeded, someWords } from '../user/seeded.ts';

const turnCount = 600;

/** Turn by turn the same kinds of text: prose, a list, code, a table. The last one says that it is the last. */
export async function longSession(model: string, tokens: number): Promise<{ text: string; tokens: number }> {
  const tokenizer = (await readTokenizer(model)).build();
  const random = seeded(3);
  const prose = (words: number) => `${someWords(random, words)}.`;
  const kinds = [
    () => `${prose(60)}\n\n${prose(60)}`,
    () => Array.from({ length: 6 }, (_, i) => `${i + 1}. **${prose(3)}** ${prose(15)}`).join('\n'),
    () =>
      `\`\`\`js\n${Array.from({ length: 8 }, (_, i) => `const value${i} = read(${i});`).join('\n')}\n\`\`\``,
    () =>
      `| a | b |\n| - | - |\n${Array.from({ length: 5 }, () => `| ${prose(4)} | ${prose(4)} |`).join('\n')}`,
  ];
  let total = 0;
  const turns = Array.from({ length: turnCount }, (_, i) => {
    const reply = i % 2 === 1;
    const wanted = ((i + 1) * tokens) / turnCount;
    let text = i === turnCount - 1 ? '' : `Turn ${i}.`;
    for (let k = i; total + tokenizer.encodeAlone(text).length < wanted; k++) {
      text += `\n\n${reply ? kinds[k % kinds.length]?.() : prose(40)}`;
    }
    if (i === turnCount - 1) text += '\n\nThe very end.';
    total += tokenizer.encodeAlone(text).length;
    return {
      id: `t${i}`,
      parent: i === 0 ? null : `t${i - 1}`,
      role: reply ? 'assistant' : 'user',
      text: text.trim(),
      status: 'whole',
      edited: false,
      sampling: null,
      model: null,
      stats: null,
      error: null,
      createdAt: 1_700_000_000_000 + i,
    };
  });
  const session = {
    format: 'llamba-session',
    version: 1,
    title: 'A very long session',
    titledBy: 'user',
    model: null,
    system: null,
    sampling: {},
    leaf: turns.at(-1)?.id ?? null,
    createdAt: 1_700_000_000_000,
    turns,
  };
  return { text: JSON.stringify(session), tokens: total };
}
