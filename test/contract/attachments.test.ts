/** Documents sent with a message: the model reads them, the session is not named after them, search and export tell. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import { composed, parted } from '../../electron/shared/attachments.ts';
import type { Contract } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { paragraphs, somewhere } from './documents-tiny.ts';
import { talking } from './real-core.ts';
import { seeded, tinyCore } from './tiny-core.ts';

const place = somewhere();
const text = ['The harbourmaster sleeps.', ...paragraphs(3)].join('\n\n');

let core: Core;
let rpc: Client<Contract>;
let document: string;
beforeAll(async () => {
  core = await tinyCore(place.data);
  rpc = core.connect();
  document = (await rpc.call('documents.add', { path: place.write('Harbour.txt', text) })).id;
});
afterAll(() => core.close());

async function send(documents: readonly string[], words = 'What about the ships?') {
  const { id: session } = await rpc.call('sessions.create', { system: null });
  const params = { session, text: words, documents, sampling: seeded };
  return rpc.stream('sessions.send', params, () => undefined);
}
const promptTokens = (after: Awaited<ReturnType<typeof send>>) => after.turns[1]?.stats?.promptTokens ?? 0;

describe('a message with a document', () => {
  it('holds its text, which the model reads', async () => {
    const plain = await send([]);
    const after = await send([document]);
    expect(plain.turns[0]?.text).toBe('What about the ships?');
    expect(parted(after.turns[0]?.text ?? '')).toEqual({
      documents: [{ title: 'Harbour', text }],
      text: 'What about the ships?',
    });
    expect(promptTokens(after)).toBeGreaterThan(promptTokens(plain) + 100);
  });
  it('names the session by its words, in the list and where search finds it', async () => {
    const { id, title } = await send([document], 'Who is asleep?');
    expect(title).toBe('Who is asleep?');
    const found = async (query: string) =>
      (await rpc.call('sessions.search', { query })).filter(({ session, turn }) => session === id && turn);
    expect((await found('Ásleep')).map(({ snippet }) => snippet)).toEqual([
      [{ text: 'Who is asleep?', match: false }],
    ]);
    // Stands in the document only.
    expect(await found('harbourmaster')).toEqual([]);
  });
  it('is edited by another with the same documents, from the library or not', async () => {
    const after = await send([document]);
    const { documents } = parted(after.turns[0]?.text ?? '');
    const edited = composed({ documents, text: 'And the boats?' });
    const again = await talking(rpc, seeded).send(after.id, edited, seeded, null);
    expect(again.after.turns[0]?.text).toBe(edited);
  });
  it('is quoted in Markdown', async () => {
    const { id } = await send([document]);
    const pieces: string[] = [];
    await rpc.stream('sessions.export', { session: id, format: 'markdown' }, ({ data }) => pieces.push(data));
    const markdown = Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64'))).toString();
    expect(markdown).toContain('## You\n\nAttached: Harbour\n\n> The harbourmaster sleeps.\n>\n> 0: ');
    expect(markdown).toContain('\n\nWhat about the ships?\n\n## Llamba');
  });
  it('is refused where there is no such document, and nothing of it is kept', async () => {
    const before = (await rpc.call('sessions.list', {})).sessions.length;
    await expect(send([document, 'none'])).rejects.toMatchObject({ code: 'document-not-found' });
    const { sessions } = await rpc.call('sessions.list', {});
    expect(sessions).toHaveLength(before + 1);
    const left = await rpc.call('sessions.get', { session: sessions[0]?.id ?? '' });
    expect([left.title, left.turns]).toEqual(['', []]);
    await expect(send(Array(21).fill(document))).rejects.toMatchObject({ code: 'bad-request' });
  });
});
