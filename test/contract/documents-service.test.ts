/** Documents by contract: in by path or in pieces, read in the background, asked, summarized, out again. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import type { AnswerItem, Contract, DocumentEntry, SummaryItem } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { paragraphs, somewhere } from './documents-tiny.ts';
import { tinyCore } from './tiny-core.ts';

const place = somewhere();
/** About 30 chunks. */
const long = paragraphs(200).join('\n\n');
const request = { style: 'key-points', length: 'medium', focus: '', careful: false, language: '' } as const;

let core: Core;
let rpc: Client<Contract>;
beforeAll(async () => {
  core = await tinyCore(place.data);
  rpc = core.connect();
});
afterAll(() => core.close());

const listed = async (id: string) =>
  (await rpc.call('documents.list', {})).documents.find((entry) => entry.id === id);
async function whenRead(id: string): Promise<DocumentEntry> {
  return vi.waitUntil(
    async () => {
      const entry = await listed(id);
      return entry?.reading.phase === 'read' && entry;
    },
    { timeout: 20_000, interval: 50 },
  );
}

describe('a document', () => {
  it('comes in by its path, is read in the background, and tells how far it is', async () => {
    const seen: DocumentEntry[] = [];
    const stop = rpc.on('document.changed', (entry) => seen.push(entry));
    const added = await rpc.call('documents.add', { path: place.write('long.txt', long) });
    expect(added).toMatchObject({ title: 'long', kind: 'text', reading: { phase: 'unread', pagesRead: [] } });
    const begun = await rpc.call('documents.read', { document: added.id });
    expect(begun.reading.phase).toBe('waiting');
    const { reading, pages, stateBytes } = await whenRead(added.id);
    stop();
    expect(reading).toMatchObject({ pagesRead: [{ first: 1, last: pages }], error: null, secondsLeft: null });
    expect(reading.chunksRead).toBe(reading.chunks);
    expect(reading.tokensRead).toBe(reading.tokens);
    expect(stateBytes).toBeGreaterThan(0);
    const phases = new Set(seen.map((entry) => entry.reading.phase));
    expect([...phases]).toEqual(expect.arrayContaining(['unread', 'waiting', 'running', 'read']));
    expect(seen.some((entry) => (entry.reading.tokensPerSecond ?? 0) > 0)).toBe(true);
  });
  it('comes in pieces under its own name, and is known again by its content', async () => {
    const text = Buffer.from('The harbour is closed on Sundays.');
    const bring = async (name: string) => {
      const { import: id } = await rpc.call('imports.begin', { name });
      await rpc.call('imports.add', { import: id, data: text.subarray(0, 9).toString('base64') });
      await rpc.call('imports.add', { import: id, data: text.subarray(9).toString('base64') });
      return rpc.call('documents.add', { import: id });
    };
    const first = await bring('C:\\books\\The harbour.txt');
    expect(first).toMatchObject({ title: 'The harbour', path: 'The harbour.txt', kind: 'text' });
    expect(await bring('other.txt')).toMatchObject({ id: first.id, path: 'The harbour.txt' });
    expect(readdirSync(join(place.data, 'incoming'))).toEqual([]);
    const pages = await rpc.call('documents.pages', { document: first.id, first: 1, last: 50 });
    expect(pages).toEqual([{ page: 1, label: '1', text: text.toString() }]);
  });
  it('is asked: quotations come first, then what the model says', async () => {
    const [{ id } = { id: '' }] = (await rpc.call('documents.list', {})).documents;
    await rpc.call('documents.read', { document: id });
    await whenRead(id);
    const items: AnswerItem[] = [];
    const params = { documents: [id], question: 'When is the harbour closed?' };
    const answer = await rpc.stream('documents.ask', params, (item) => items.push(item));
    expect(items[0]).toMatchObject({ type: 'quotes', quotes: [{ document: id, page: 1 }] });
    expect(answer).toMatchObject({ chunks: 1, quotes: [{ document: id }] });
  });
  it('is summarized, after what is unread has been read', async () => {
    const file = place.write('unread.txt', paragraphs(40, 3).join('\n\n'));
    const { id } = await rpc.call('documents.add', { path: file });
    const items: SummaryItem[] = [];
    const params = { document: id, ...request };
    const summary = await rpc.stream('documents.summarize', params, (item) => items.push(item));
    const steps = new Set(items.map((item) => (item.type === 'progress' ? item.step : item.type)));
    expect([...steps]).toEqual(expect.arrayContaining(['reading', 'notes', 'key-sentences']));
    expect(summary).toMatchObject({ document: id, style: 'key-points', length: 'medium' });
    expect(summary.pagesRead).toBe(summary.pages);
    expect(await rpc.call('documents.summaries', { document: id })).toEqual([summary]);
    await rpc.call('documents.removeSummary', { summary: summary.id });
    expect(await rpc.call('documents.summaries', { document: id })).toEqual([]);
  });
});
