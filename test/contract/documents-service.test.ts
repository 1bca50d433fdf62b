/** Documents by contract: in by path or in pieces, read in the background, asked, summarized, out again. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import type { AnswerItem, Contract, DocumentEntry, SummaryItem } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { paragraphs, somewhere } from './documents-tiny.ts';
import { tinyCore } from './tiny-core.ts';

const place = somewhere();
/** About 15 chunks. */
const long = paragraphs(100).join('\n\n');
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
    const again = await Promise.all(['other.txt', 'The harbour.txt'].map(bring));
    for (const { id, path } of again) expect([id, path]).toEqual([first.id, 'The harbour.txt']);
    expect(readdirSync(join(place.data, 'incoming'))).toEqual([]);
    const pages = await rpc.call('documents.pages', { document: first.id, first: 1, last: 50 });
    expect(pages).toEqual([{ page: 1, label: '1', text: text.toString() }]);
  });
  it('that is empty, broken or no file is refused with its reason, and leaves nothing', async () => {
    const before = await rpc.call('documents.list', {});
    const { import: id } = await rpc.call('imports.begin', { name: 'empty.txt' });
    await expect(rpc.call('documents.add', { import: id })).rejects.toMatchObject({
      code: 'document-unreadable',
      message: expect.stringMatching(/holds no text/),
    });
    for (const [path, why] of [
      [place.folder, /cannot be read: it is a folder/],
      ['/dev/zero', /cannot be read: it is a folder, or no file/],
      [join(place.folder, 'absent.pdf'), /absent.pdf cannot be read: it is not there/],
    ] as const)
      await expect(rpc.call('documents.add', { path })).rejects.toMatchObject({
        ...{ code: 'file-unreadable', message: expect.stringMatching(why) },
        hint: expect.stringMatching(/\.$/),
      });
    expect(await rpc.call('documents.list', {})).toEqual(before);
    expect(readdirSync(join(place.data, 'incoming'))).toEqual([]);
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
  it('is paused at once, and goes on where it was', async () => {
    const { id } = await rpc.call('documents.add', {
      path: place.write('more.txt', paragraphs(100, 5).join('\n\n')),
    });
    const some = new Promise<void>((resolve) => {
      const stop = rpc.on('document.changed', ({ id: of, reading }) => {
        if (of !== id || reading.chunksRead < 3) return;
        stop();
        resolve();
      });
    });
    await rpc.call('documents.read', { document: id });
    await some;
    const { reading } = await rpc.call('documents.pause', { document: id });
    expect(reading.phase).toBe('paused');
    expect(reading.chunksRead).toBeGreaterThanOrEqual(3);
    expect(reading.chunksRead).toBeLessThan(reading.chunks);
    expect((await listed(id))?.reading).toEqual(reading);
    await rpc.call('documents.read', { document: id });
    expect((await whenRead(id)).reading.chunksRead).toBe(reading.chunks);
  });
  it('that has changed is read on by itself where its reading was wanted, and summaries of what it was go', async () => {
    const path = place.write('changing.txt', paragraphs(30, 8).join('\n\n'));
    const { id } = await rpc.call('documents.add', { path });
    await rpc.stream('documents.summarize', { document: id, ...request }, () => {});
    expect(await rpc.call('documents.summaries', { document: id })).toHaveLength(1);
    await rpc.call('documents.read', { document: id });
    place.write('changing.txt', [...paragraphs(30, 8), 'One more.'].join('\n\n'));
    expect(await rpc.call('documents.add', { path })).toMatchObject({ id });
    expect(await rpc.call('documents.summaries', { document: id })).toEqual([]);
    const { reading } = await rpc.call('documents.read', { document: id });
    expect(['waiting', 'running', 'read']).toContain(reading.phase);
    await whenRead(id);
  });
  it('is gone with all that was kept of it', async () => {
    const gone: string[] = [];
    const stop = rpc.on('document.gone', ({ document }) => gone.push(document));
    const { documents, stateBytes } = await rpc.call('documents.list', {});
    let freed = 0;
    for (const { id } of documents)
      freed += (await rpc.call('documents.remove', { document: id })).freedBytes;
    expect(freed).toBe(stateBytes);
    expect(readdirSync(join(place.data, 'documents/states'))).toEqual([]);
    expect(gone.sort()).toEqual(documents.map(({ id }) => id).sort());
    stop();
    const no = { document: documents[0]?.id ?? '' };
    for (const call of [
      'documents.read',
      'documents.pause',
      'documents.remove',
      'documents.summaries',
    ] as const)
      await expect(rpc.call(call, no)).rejects.toMatchObject({ code: 'document-not-found' });
  });
});

describe('the byte budget', () => {
  it('lets the states of what was used longest ago go, never of what is being read', async () => {
    const [old, mid] = await Promise.all(
      [11, 12].map((seed) =>
        rpc.call('documents.add', { path: place.write(`${seed}.txt`, paragraphs(30, seed).join('\n\n')) }),
      ),
    );
    if (!old || !mid) throw new Error('there is none');
    for (const { id } of [old, mid]) {
      await rpc.call('documents.read', { document: id });
      await whenRead(id);
    }
    const { stateBytes } = await rpc.call('documents.list', {});
    const each = stateBytes / ((await listed(old.id))?.reading.chunks ?? 0) / 2;
    const list = await rpc.call('documents.budget', { bytes: Math.ceil(stateBytes - 1.5 * each) });
    expect(list.stateBytes).toBeLessThanOrEqual(list.budgetBytes);
    const after = await listed(old.id);
    // Of its end, so that what is left is in one piece.
    expect(after?.reading).toMatchObject({ phase: 'paused', pagesRead: [{ first: 1 }] });
    expect(after?.reading.pagesRead).toHaveLength(1);
    expect((await listed(mid.id))?.reading.phase).toBe('read');
    // The older one, read again, is the one used last.
    await rpc.call('documents.budget', { bytes: 1 });
    expect((await listed(mid.id))?.reading).toMatchObject({ phase: 'unread', chunksRead: 0 });
    await rpc.call('documents.read', { document: old.id });
    await whenRead(old.id);
    expect((await listed(mid.id))?.stateBytes).toBe(0);
    await rpc.call('documents.budget', { bytes: 2 ** 31 });
  });
});

describe('a damaged database', () => {
  it('is set aside and told with the storage, and documents begin anew', async () => {
    const broken = somewhere();
    writeFileSync(join(broken.data, 'documents.db'), 'no database at all');
    const other = await tinyCore(broken.data);
    const there = other.connect();
    expect((await there.call('documents.list', {})).documents).toEqual([]);
    expect((await there.call('storage.get', {})).damaged).toMatchObject([
      { path: expect.stringContaining('documents-damaged-'), error: { code: 'storage-damaged' } },
    ]);
    await other.close();
  });
});

describe('documents that cannot be had', () => {
  it('are busy while another Llamba has them, and here once it is gone', async () => {
    const other = await tinyCore(place.data);
    const there = other.connect();
    await expect(there.call('documents.list', {})).rejects.toMatchObject({ code: 'busy' });
    await core.close();
    expect((await there.call('documents.list', {})).documents.length).toBeGreaterThan(0);
    await other.close();
    core = await tinyCore(place.data);
    rpc = core.connect();
  });
  it('are refused where nothing is kept', async () => {
    const nowhere = await tinyCore(null);
    await expect(nowhere.connect().call('documents.list', {})).rejects.toMatchObject({ code: 'unsupported' });
    await nowhere.close();
  });
});
