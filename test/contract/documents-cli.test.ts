import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { paragraphs, somewhere } from './documents-tiny.ts';
import { json, llamba } from './llamba.ts';
import { tinyModels } from './tiny-models.ts';

async function whenSome(folder: string, count: number): Promise<void> {
  while (!existsSync(folder) || readdirSync(folder).length < count)
    await new Promise((go) => setTimeout(go, 5));
}

const model = join(tinyModels(), 'one');
const fresh = () => ({ LLAMBA_DATA: mkdtempSync(join(tmpdir(), 'llamba-data-')) });
const text = paragraphs(60).join('\n\n');

describe('llamba ask', () => {
  it('reads what was not read, once, and asks one document or all', async () => {
    const data = fresh();
    const file = somewhere().write('the sun and me.txt', text);
    const first = await json(['ask', file, 'Where', 'is the sun?', '--model', model], data);
    expect(first).toMatchObject({ question: 'Where is the sun?', chunks: expect.any(Number) });
    expect(first.quotes[0]).toMatchObject({ title: 'the sun and me', page: expect.any(Number) });
    const known = await json(['read', file, '--model', model], data);
    expect(known).toMatchObject({ fedTokens: 0, chunksRead: known.chunks });
    const all = await json(['ask', '--library', 'Where is the sun?', '--model', model], data);
    const { ms: _, firstTokenMs: _first, ...answer } = first;
    expect(all).toMatchObject(answer);
    const people = await llamba(['ask', file, 'Where is the sun?', '--model', model], undefined, data);
    expect(people).toMatchObject({ code: 0, err: '' });
    expect(people.out).toMatch(
      /^What the model says \(it may be wrong\):\n[\s\S]+\nExact quotes:\n {2}“.*sun/,
    );
  });
});

describe('llamba summarize', () => {
  it('tells what the model says from what stands in the text', async () => {
    const data = fresh();
    const file = somewhere().write('a.txt', text);
    const args = ['summarize', file, '--style', 'paragraph', '--focus', 'the sun', '--model', model];
    const summary = await json(args, data);
    expect(summary).toMatchObject({ style: 'paragraph', focus: 'the sun', pagesRead: summary.pages });
    expect(summary.keySentences.length).toBeGreaterThan(0);
    const people = await llamba(args, undefined, data);
    expect(people).toMatchObject({ code: 0, err: '' });
    expect(people.out).toContain(`“${summary.keySentences[0].text}”`);
    expect(people.out).toContain(`Read ${summary.pages} of ${summary.pages} pages.`);
  });
  it('refuses a style that it does not know', async () => {
    const ended = await llamba(['summarize', 'a.txt', '--style', 'sonnet'], undefined, fresh());
    expect(ended).toMatchObject({ code: 1, out: '' });
    expect(ended.err).toContain('[bad-request]\n  Choose one of key-points, paragraph, ');
  });
});

describe('llamba read and documents', () => {
  it('reads once, then knows it, and lists and removes it', async () => {
    const data = fresh();
    const file = somewhere().write('a.txt', text);
    const first = await json(['read', file, '--model', model], data);
    expect(first).toMatchObject({ as: 'new', kind: 'text', title: 'a', pagesRead: first.pages });
    expect(first.fedTokens).toBe(first.tokens);
    expect(first.stateBytes).toBeGreaterThan(0);
    const again = await json(['read', file, '--model', model], data);
    expect(again).toMatchObject({ as: 'known', fedTokens: 0, document: first.document });
    const people = await llamba(['read', file, '--model', model], undefined, data);
    expect(people).toMatchObject({ code: 0, err: '' });
    expect(people.out).toBe(
      `All is known, ${first.pages} of ${first.pages} pages; nothing was read again: a\n`,
    );
    const list = await json(['documents', 'list'], data);
    expect(list).toMatchObject([{ id: first.document, stateBytes: first.stateBytes, title: 'a' }]);
    const gone = await json(['documents', 'remove', first.document.slice(0, 8)], data);
    expect(gone).toEqual({ document: first.document, freedBytes: first.stateBytes });
    expect(await json(['documents', 'list'], data)).toEqual([]);
  });
  it('pauses at Ctrl-C, and the same command goes on', async () => {
    const data = fresh();
    const states = join(data.LLAMBA_DATA, 'documents/states');
    const file = somewhere().write('a.txt', paragraphs(500).join('\n\n'));
    const reading = llamba(
      ['read', file, '--model', model],
      { send: '', onStart: (kill) => void whenSome(states, 5).then(() => kill('SIGINT')) },
      data,
    );
    const paused = await reading;
    expect(paused).toMatchObject({ code: 1, out: '' });
    expect(paused.err).toMatch(
      /^llamba: Paused: \d+ of \d+ pages are read\. \[cancelled\]\n {2}What was read is kept/,
    );
    const before = readdirSync(states).length;
    const rest = await json(['read', file, '--model', model], data);
    expect(rest).toMatchObject({ as: 'known', pagesRead: rest.pages });
    expect(rest.chunks).toBe(readdirSync(states).length);
    expect(before).toBeGreaterThanOrEqual(5);
    expect(rest.fedTokens).toBeLessThan(rest.tokens);
  });
  for (const [args, code] of [
    [['ask', 'a.txt'], 'bad-request'],
    [['ask', '/does/not/exist.pdf', 'Why?'], 'file-unreadable'],
    [['ask', '--library', 'Why?', '--model', model], 'state-not-found'],
    [['read'], 'bad-request'],
    [['read', '/does/not/exist.pdf'], 'file-unreadable'],
    [['documents'], 'bad-request'],
    [['documents', 'remove', 'nothing'], 'document-not-found'],
  ] as const) {
    it(`says what is wrong with llamba ${args.join(' ')}`, async () => {
      const ended = await llamba([...args], undefined, fresh());
      expect(ended.code).toBe(1);
      expect(ended.out).toBe('');
      expect(ended.err).toMatch(new RegExp(`^llamba: .+\\[${code}\\]\n  \\S.+\n$`));
    });
  }
});
