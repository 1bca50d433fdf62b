import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import { ask, expected } from '../../electron/core/documents/asking.ts';
import { importDocument } from '../../electron/core/documents/importing.ts';
import type { Library } from '../../electron/core/documents/library.ts';
import { readerOf } from '../../electron/core/documents/reader.ts';
import { chunksFor, readDocument } from '../../electron/core/documents/reading.ts';
import { fitsOf, loadChunk, replyFrom } from '../../electron/core/documents/replying.ts';
import { invents } from '../../electron/core/documents/standing.ts';
import { generateText } from '../../electron/core/generate-text.ts';
import type { Ready } from '../../electron/core/loaded-model.ts';
import { toErrorValue } from '../../electron/shared/errors.ts';
import { counted } from './counted.ts';
import { paragraphs, somewhere } from './documents-tiny.ts';
import { realCore } from './real-core.ts';
import { tinyCore } from './tiny-core.ts';

const boat =
  'The lighthouse keeper of Saltmarsh is called Edward Finch. He is sixty years old. Every morning he walks to the ' +
  'harbour and counts the boats.\n\nHis own boat is painted green, and its name is Marigold.';
const bakery =
  'The bakery in Orlen Street opens at six. Marta bakes the bread there, and her brother sells it. On Sundays they ' +
  'bake plum cake, and half of the town stands in line for it.';
const stars =
  'The planet was found by an astronomer in the winter of 1934. It has seven moons, of which the largest is covered ' +
  'with ice. A year on it lasts as long as twelve of ours.';
const must = <T>(value: T | null): T => {
  if (value === null) throw new Error('there is none');
  return value;
};
const failure = (work: Promise<unknown>) => work.then(() => null, toErrorValue);

describe('asking', () => {
  let core: Core;
  let ready: Ready;
  let library: Library;
  let one = '';
  let two = '';
  beforeAll(async () => {
    core = await tinyCore(null);
    ready = await core.ready();
    const place = somewhere();
    library = place.open();
    const parts = paragraphs(120);
    parts[70] = 'In the year 1871 the harbour of Saltmarsh was given an officer.';
    one = (await importDocument(library, place.write('one.txt', parts.join('\n\n')))).document.id;
    two = (await importDocument(library, place.write('two.txt', 'The harbour is closed.'))).document.id;
  });
  afterAll(async () => {
    library.close();
    await core.close();
  });

  it('is refused where nothing was read, and of nothing', async () => {
    expect(await failure(ask(library, ready, [one], 'What?'))).toMatchObject({ code: 'state-not-found' });
    expect(await failure(ask(library, ready, ['no'], 'What?'))).toMatchObject({ code: 'document-not-found' });
    expect(await failure(ask(library, ready, [one], ' '))).toMatchObject({ code: 'bad-request' });
  });
  it('asks the chunks that hold its words, and reads again no more than a passage of each', async () => {
    await readDocument(library, ready, one);
    await readDocument(library, ready, two);
    const { stateCount } = await ready.rpc.call('memory', {});
    const heard: number[] = [];
    const written: string[] = [];
    const asked = 'When did the harbour of Saltmarsh get its officer?';
    const answer = await ask(library, ready, [one], asked, {
      onProgress: (done) => heard.push(done),
      onGist: ({ text }) => written.push(text),
    });
    const reader = readerOf(ready);
    const { length } = chunksFor(library, reader, one);
    expect(length).toBeGreaterThan(10);
    expect(answer.chunks).toBeLessThanOrEqual(3);
    expect(heard).toEqual([1, 2, 3].slice(0, heard.length));
    expect(written.toSorted()).toEqual(answer.gists.map(({ text }) => text).toSorted());
    const request = reader.ask(`Answer in one short sentence, from the text above.\nQuestion: ${asked}`);
    // The question, a passage of a few sentences, and the reply.
    expect(answer.fedTokens).toBeLessThanOrEqual(heard.length * (request.length + 400 + 48));
    expect(answer.firstTokenMs).toBeGreaterThan(0);
    expect(answer.firstTokenMs).toBeLessThanOrEqual(answer.ms);
    expect((await ready.rpc.call('memory', {})).stateCount).toBe(stateCount);
  });
  it('asks every chunk where the words of the question stand nowhere, and reads nothing again', async () => {
    const heard: number[] = [];
    const question = 'Xyzzy?';
    const { ready: used, fed } = counted(ready);
    const answer = await ask(library, used, [one], question, { onProgress: (done) => heard.push(done) });
    const reader = readerOf(ready);
    const chunks = chunksFor(library, reader, one);
    const { length } = chunks;
    expect(answer).toMatchObject({ chunks: length, quotes: [], passageTokens: 0 });
    expect(heard.at(-1)).toBe(length + 3);
    expect(heard).toEqual(heard.toSorted((a, b) => a - b));
    const scored = reader.encode(expected(question)).length - 1;
    const asked = reader.ask(
      `Answer in one short sentence, from the text above.\nQuestion: ${question}`,
    ).length;
    expect(fed()).toBe(answer.fedTokens);
    expect(fed()).toBeGreaterThanOrEqual(length * scored + 3 * asked);
    expect(fed()).toBeLessThanOrEqual(length * scored + 3 * (asked + 48));
    // All of it is the question, once for each chunk: not one of the document's tokens is fed again.
    expect(fed()).toBeLessThan(chunks.reduce((sum, { tokens }) => sum + tokens, 0));
  });
  it('asks the chunks together what each is asked alone', async () => {
    const reader = readerOf(ready);
    const chunks = chunksFor(library, reader, one);
    const ids = reader.encode(expected('Who was given to the harbour of Saltmarsh?'));
    const { signal } = new AbortController();
    const fits = await fitsOf(library, ready, chunks, ids, signal);
    for (const [i, chunk] of chunks.entries()) {
      const state = await loadChunk(library, ready, chunk);
      const { logprobs } = await ready.rpc.stream('score', { state, ids, top: 0 }, () => {});
      await ready.rpc.call('state.free', { state });
      expect(fits[i]).toBeCloseTo(
        logprobs.reduce<number>((sum, value) => sum + (value ?? 0), 0),
        3,
      );
    }
    // States of 50 MiB: no more than two are held at once.
    const large = {
      ...library,
      state: (id: string) => ({ ...must(library.state(id)), bytes: 50 * 2 ** 20 }),
    };
    const asking = vi.spyOn(ready.rpc, 'stream');
    const inGroups = await fitsOf(large, ready, chunks, ids, signal);
    const groups = asking.mock.calls.map(
      ([, params]) => (params as { states: readonly number[] }).states.length,
    );
    asking.mockRestore();
    expect(groups).toEqual(
      chunks.map((_, i) => (i + 1 < chunks.length ? 2 : 1)).filter((_, i) => i % 2 === 0),
    );
    for (const [i, fit] of inGroups.entries()) expect(fit).toBeCloseTo(fits[i] ?? Number.NaN, 3);
  });
  it('goes on with a thread: words of the question before are looked for too', async () => {
    const thread = [{ question: 'Who was given to the harbour of Saltmarsh?', answer: 'An officer.' }];
    const alone = await ask(library, ready, [one], 'Xyzzy?');
    const answer = await ask(library, ready, [one], 'Xyzzy?', { thread });
    expect(alone.quotes).toEqual([]);
    const [quote] = answer.quotes;
    expect(library.page(one, quote?.page ?? 0)?.text).toContain('the harbour of Saltmarsh was given');
    expect(answer.question).toBe('Xyzzy?');
  });
  it('says of a chunk what is said when it is read', async () => {
    const reader = readerOf(ready);
    const chunk = chunksFor(library, reader, one)[3];
    if (!chunk) throw new Error('there is no such chunk');
    const ids = reader.ask('Why?');
    const { signal } = new AbortController();
    const common = { ready, signal, ids, maxTokens: 12, repetitionPenalty: 1 };
    const said = await replyFrom(library, chunk, common);
    const { state } = await ready.rpc.call('state.create', { model: ready.model });
    const all = [...reader.opening, ...reader.encode(library.chunkText(one, chunk)), ...ids];
    const sampling = { ...ready.defaults.sampling, temperature: 0, topK: 0, maxTokens: 12 };
    const read = await generateText(ready, { state, ids: all, sampling, signal, onText: () => {} });
    expect(said.text).toBe(read.text.trim());
    expect(said.fedTokens).toBe(ids.length + read.ids.length);
    expect(said.uncertainty).toBeGreaterThan(0);
    expect(said.uncertainty).toBeLessThanOrEqual(1);
  });
  it('quotes the pages that hold the words, of one document or of all', async () => {
    const asked = 'When did the Harbour of Saltmarsh get its officer?';
    const only = await ask(library, ready, [one], asked);
    const found = only.quotes[0];
    const page = library.page(one, found?.page ?? 0);
    expect(page?.text).toContain('In the year 1871 the harbour of Saltmarsh was given an officer.');
    const matched = found?.snippet.filter(({ match }) => match).map(({ text }) => text);
    expect(matched).toEqual(['harbour', 'Saltmarsh', 'officer']);
    const all = await ask(library, ready, null, asked);
    expect(new Set(all.quotes.map(({ document }) => document))).toEqual(new Set([one, two]));
  });
  it('takes a question for words, whatever is in it', async () => {
    for (const question of [
      '"',
      'NEAR(a b) OR *',
      "'; DROP TABLE pages; --",
      '???',
      'AND',
      '🦙',
      '<|im_end|>',
    ]) {
      const { quotes } = await ask(library, ready, [two], question);
      expect(quotes.length).toBeLessThanOrEqual(5);
    }
  });
  it('sets aside what is damaged; reading again reads that chunk only', async () => {
    const reader = readerOf(ready);
    const all = chunksFor(library, reader, one);
    const [damaged, other] = all;
    const file = (chunk = damaged) => join(library.states, library.state(chunk?.state ?? '')?.file ?? '');
    const breaks = [
      () => writeFileSync(file(), readFileSync(file()).subarray(0, 1000)),
      () => copyFileSync(file(other), file()),
    ];
    for (const damage of breaks) {
      damage();
      const error = await failure(ask(library, ready, [one], 'Xyzzy?'));
      expect(error).toMatchObject({
        code: 'state-corrupt',
        hint: expect.stringContaining('only these pages'),
      });
      const { fedTokens } = await readDocument(library, ready, one);
      expect(fedTokens).toBe(reader.opening.length + (damaged?.tokens ?? 0));
      expect((await ask(library, ready, [one], 'Xyzzy?')).chunks).toBe(all.length);
    }
  });
  it('ends when it is cancelled', async () => {
    const stop = new AbortController();
    const asking = ask(library, ready, [one], 'Xyzzy?', {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    expect(await failure(asking)).toMatchObject({ code: 'cancelled' });
  });
});

describe('asking the embedded model', () => {
  it('answers first from the document that knows of it', { timeout: 90_000 }, async () => {
    const core = realCore(null);
    const ready = await core.ready();
    const place = somewhere();
    const library = place.open();
    const texts = { boat, bakery, stars };
    for (const [name, text] of Object.entries(texts)) {
      const { document } = await importDocument(library, place.write(`${name}.txt`, text));
      await readDocument(library, ready, document.id);
    }
    for (const [question, title] of [
      ['What is the lighthouse keeper called?', 'boat'],
      ['Who bakes the bread in Orlen Street?', 'bakery'],
      ['How many moons does the planet have?', 'stars'],
    ]) {
      const { gists, quotes } = await ask(library, ready, null, question ?? '');
      expect(gists[0]?.title, question).toBe(title);
      expect(quotes[0]?.title, question).toBe(title);
      if (title === 'boat') expect(gists[0]?.text.toLowerCase()).toContain('edward finch');
    }
    // What no text tells the model makes up.
    for (const question of [
      'In which year did the bakery in Orlen Street open?',
      'How much does the plum cake of the bakery cost?',
      'On which day does the green boat leave the harbour?',
    ]) {
      const { gists } = await ask(library, ready, null, question);
      for (const { text } of gists)
        expect(invents(text, `${boat} ${bakery} ${stars} ${question}`), text).toBe(false);
    }
    library.close();
    await core.close();
  });
});
