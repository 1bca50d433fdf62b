import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import { importDocument } from '../../electron/core/documents/importing.ts';
import { removeDocument } from '../../electron/core/documents/library.ts';
import { readerOf } from '../../electron/core/documents/reader.ts';
import { chunksFor, type ReadingProgress, readDocument } from '../../electron/core/documents/reading.ts';
import type { Ready } from '../../electron/core/loaded-model.ts';
import { toErrorValue } from '../../electron/shared/errors.ts';
import { paragraphs, somewhere } from './documents-tiny.ts';
import { tinyCore } from './tiny-core.ts';

let core: Core;
let ready: Ready;
beforeAll(async () => {
  core = await tinyCore(null);
  ready = await core.ready();
});
afterAll(() => core.close());

/** A document of about 30 chunks. */
const long = paragraphs(200).join('\n\n');
const failure = (work: Promise<unknown>) => work.then(() => null, toErrorValue);

describe('reading a document', () => {
  it('keeps a state for each chunk, which is the state of its text behind the opening', async () => {
    const place = somewhere();
    const library = place.open();
    const { document, as } = await importDocument(library, place.write('a.txt', long));
    expect(as).toBe('new');
    const seen: ReadingProgress[] = [];
    const reading = await readDocument(library, ready, document.id, { onProgress: (now) => seen.push(now) });
    const reader = readerOf(ready);
    const chunks = chunksFor(library, reader, document.id);
    expect(chunks.length).toBeGreaterThan(20);
    expect(reading).toMatchObject({
      pages: document.pages,
      pagesRead: document.pages,
      chunks: chunks.length,
      chunksRead: chunks.length,
    });
    expect(reading.fedTokens).toBe(reading.tokens + reader.opening.length);
    for (const chunk of chunks) expect(chunk.tokens).toBeLessThanOrEqual(2048 - reader.opening.length);
    // Progress goes forward only, from nothing to all.
    expect(seen[0]).toMatchObject({ chunksRead: 0, tokensRead: 0, secondsLeft: null });
    expect(seen.at(-1)).toMatchObject({ pagesRead: document.pages, secondsLeft: 0 });
    for (const [i, now] of seen.entries())
      expect(now.tokensRead).toBeGreaterThanOrEqual(seen[i - 1]?.tokensRead ?? 0);
    // One of them, read by hand.
    const chunk = chunks[7];
    if (!chunk) throw new Error('there is no such chunk');
    const row = library.state(chunk.state);
    const { rpc, model } = ready;
    const kept = await rpc.call('state.load', { model, path: join(library.states, row?.file ?? '') });
    const own = await rpc.call('state.create', { model });
    const text = library.chunkText(document.id, chunk);
    await rpc.stream('feed', { state: own.state, ids: reader.opening }, () => {});
    await rpc.stream('feed', { state: own.state, ids: reader.encode(text) }, () => {});
    const ids = reader.ask('Why?');
    const scores = await Promise.all(
      [kept.state, own.state].map((state) => rpc.stream('score', { state, ids, top: 2 }, () => {})),
    );
    expect(scores[0]).toEqual(scores[1]);
    expect(kept.note).toBe(chunk.state);
    library.close();
  });
  it('costs nothing the second time, whatever the file is called', async () => {
    const place = somewhere();
    const library = place.open();
    const first = await importDocument(library, place.write('a.txt', long));
    await readDocument(library, ready, first.document.id);
    const second = await importDocument(library, place.write('b.txt', long));
    expect(second).toMatchObject({ as: 'known', document: { id: first.document.id } });
    const { fedTokens } = await readDocument(library, ready, second.document.id);
    expect(fedTokens).toBe(0);
    expect(library.documents()).toHaveLength(1);
    library.close();
  });
  it('reads of a changed file what has changed', async () => {
    const place = somewhere();
    const library = place.open();
    const path = place.write('a.txt', long);
    const { document } = await importDocument(library, path);
    const whole = await readDocument(library, ready, document.id);
    const before = library.files();
    const parts = paragraphs(200);
    parts.splice(100, 1, 'Something else stands here now.', 'And here.');
    writeFileSync(path, parts.join('\n\n'));
    const changed = await importDocument(library, path);
    expect(changed).toMatchObject({ as: 'changed', document: { id: document.id } });
    const { fedTokens, pagesRead, pages } = await readDocument(library, ready, document.id);
    expect(fedTokens).toBeGreaterThan(0);
    expect(fedTokens).toBeLessThan(whole.tokens / 3);
    expect(pagesRead).toBe(pages);
    // What nothing needs any more is gone from the disk.
    const after = library.files();
    expect(new Set(readdirSync(library.states))).toEqual(after);
    expect([...before].filter((file) => after.has(file)).length).toBeGreaterThan(after.size / 2);
    library.close();
  });
  it('pauses at once and goes on at the next chunk', async () => {
    const place = somewhere();
    const library = place.open();
    const { document } = await importDocument(library, place.write('a.txt', long));
    let read = 0;
    let pauses = 0;
    for (;;) {
      const stop = new AbortController();
      const seen: ReadingProgress[] = [];
      const onProgress = (now: ReadingProgress) => {
        seen.push(now);
        if (now.chunksRead >= read + 3) stop.abort();
      };
      const { signal } = stop;
      const error = await failure(readDocument(library, ready, document.id, { signal, onProgress }));
      expect(seen[0]?.chunksRead, 'what was read stays read').toBe(read);
      read = seen.at(-1)?.chunksRead ?? 0;
      if (error === null) break;
      expect(error.code).toBe('cancelled');
      pauses += 1;
    }
    expect(pauses).toBeGreaterThan(5);
    const { fedTokens, chunksRead, chunks } = await readDocument(library, ready, document.id);
    expect([fedTokens, chunksRead]).toEqual([0, chunks]);
    library.close();
  });
  it('is the same as a reading without pauses, file for file', async () => {
    const [one, two] = [somewhere(), somewhere()];
    const names = [];
    for (const place of [one, two]) {
      const library = place.open();
      const { document } = await importDocument(library, place.write('a.txt', long));
      if (place === two) {
        const stop = new AbortController();
        const onProgress = ({ chunksRead }: ReadingProgress) => void (chunksRead === 4 && stop.abort());
        await failure(readDocument(library, ready, document.id, { signal: stop.signal, onProgress }));
      }
      await readDocument(library, ready, document.id);
      names.push(readdirSync(library.states).sort());
      library.close();
    }
    expect(names[0]).toEqual(names[1]);
    expect(names[0]?.length).toBeGreaterThan(20);
  });
  it('reads again what was lost, and nothing else', async () => {
    const place = somewhere();
    let library = place.open();
    const { document } = await importDocument(library, place.write('a.txt', long));
    const whole = await readDocument(library, ready, document.id);
    const [lost = '', alsoLost = ''] = readdirSync(library.states);
    rmSync(join(library.states, lost));
    const first = await readDocument(library, ready, document.id);
    library.close();
    rmSync(join(library.states, alsoLost));
    writeFileSync(join(library.states, 'nobody.safetensors'), 'x');
    library = place.open();
    expect(readdirSync(library.states)).not.toContain('nobody.safetensors');
    const second = await readDocument(library, ready, document.id);
    for (const { fedTokens } of [first, second]) {
      expect(fedTokens).toBeGreaterThan(0);
      expect(fedTokens).toBeLessThan(2 * Math.ceil(whole.tokens / whole.chunks) + 2048);
    }
    library.close();
  });
  it('keeps what two documents share, until neither is there', async () => {
    const place = somewhere();
    const library = place.open();
    const one = await importDocument(library, place.write('a.txt', long));
    const two = await importDocument(library, place.write('b.txt', `${long}\n\nOne more paragraph.`));
    await readDocument(library, ready, one.document.id);
    const { fedTokens, tokens } = await readDocument(library, ready, two.document.id);
    expect(fedTokens).toBeLessThan(tokens / 4);
    removeDocument(library, one.document.id);
    expect(await readDocument(library, ready, two.document.id)).toMatchObject({ fedTokens: 0 });
    removeDocument(library, two.document.id);
    expect(readdirSync(library.states)).toEqual([]);
    expect(toErrorValue(await failure(readDocument(library, ready, two.document.id))).code).toBe(
      'document-not-found',
    );
    library.close();
  });
  it('leaves no state behind in the engine', async () => {
    const place = somewhere();
    const library = place.open();
    const { document } = await importDocument(library, place.write('a.txt', long));
    const { stateCount } = await ready.rpc.call('memory', {});
    const stop = new AbortController();
    const onProgress = ({ chunksRead }: ReadingProgress) => void (chunksRead === 4 && stop.abort());
    await failure(readDocument(library, ready, document.id, { signal: stop.signal, onProgress }));
    await readDocument(library, ready, document.id);
    expect((await ready.rpc.call('memory', {})).stateCount).toBe(stateCount);
    library.close();
  });
  it('lets one Llamba at a time in', () => {
    const place = somewhere();
    const library = place.open();
    expect(() => place.open()).toThrow(expect.objectContaining({ code: 'busy' }));
    library.close();
    place.open().close();
  });
});
