/** `llamba sessions`: each call a process of its own, so that all that one knows of another is on the disk. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Session, SessionList } from '../../electron/shared/contract.ts';
import { json, llamba } from './llamba.ts';
import { tinyModels } from './tiny-models.ts';

const files = mkdtempSync(join(tmpdir(), 'llamba-files-'));
const own = () => ({ LLAMBA_DATA: mkdtempSync(join(tmpdir(), 'llamba-data-')), LLAMBA_MODELS: tinyModels() });
const env = own();
const short = ['--temperature', '0', '--max-tokens', '6'];

const call = <T = Session>(...args: string[]): Promise<T> => json(['sessions', ...args], env);
const text = async (...args: string[]) => {
  const { code, out, err } = await llamba(['sessions', ...args], undefined, env);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
};
const refused = async (code: string, ...args: string[]) => {
  const ended = await llamba(['sessions', ...args], undefined, env);
  expect({ code: ended.code, out: ended.out }).toEqual({ code: 1, out: '' });
  expect(ended.err).toMatch(new RegExp(`^llamba: .+\\[${code}\\]\n  \\S.+\n$`));
  return ended.err;
};
/** Sent with the tiny model; the session keeps to it from then on. */
async function begun(...said: string[]): Promise<Session> {
  let session = await call('create');
  for (const each of said) session = await call('send', session.id, each, '--model', 'one', ...short);
  return session;
}

describe('turns', () => {
  let session: Session;
  beforeAll(async () => {
    session = await begun('Hi there', 'And now?');
  });

  it('are kept from one process to the next, with the model', async () => {
    expect(session.turns.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
    expect(session.model).toBe('one');
    expect(await call('show', session.id.slice(0, 8))).toMatchObject({
      id: session.id,
      turns: session.turns,
    });
    const shown = await text('show', session.id);
    for (const turn of session.turns) expect(shown).toContain(turn.id.slice(0, 8));
    expect(shown).toContain('  And now?\n');
  });

  it('are answered once more without reading anything', async () => {
    const again = await call('reply', session.id, ...short);
    const last = again.turns.at(-1);
    expect(last?.siblings).toHaveLength(2);
    expect(last?.stats?.promptTokens).toBe(0);
    expect(last?.text).toBe(session.turns.at(-1)?.text); // greedy, from the same state
  });

  it('are written as they come for people', async () => {
    const out = await text('reply', session.id, ...short);
    expect(out).toBe(`${session.turns.at(-1)?.text}\n`);
  });

  it("are edited: a user's is answered, a reply's is not", async () => {
    const asked = session.turns[2]?.id ?? '';
    const branched = await call('edit', session.id, asked, 'Other', 'words', ...short);
    expect(branched.turns.map((turn) => turn.text).slice(0, 3)).toEqual([
      ...session.turns.slice(0, 2).map((turn) => turn.text),
      'Other words',
    ]);
    expect(branched.turns).toHaveLength(4);
    expect(branched.turns[2]?.siblings).toContain(asked);

    const corrected = await call('edit', session.id, 'last', 'My own words');
    expect(corrected.turns.at(-1)).toMatchObject({ text: 'My own words', edited: true, stats: null });

    const back = await call('select', session.id, asked.slice(0, 8));
    expect(back.turns[2]?.text).toBe('And now?');
  });

  it('are forked into another session', async () => {
    const forked = await call('fork', session.id, session.turns[1]?.id ?? '');
    expect(forked.id).not.toBe(session.id);
    expect(forked.turns.map((turn) => turn.text)).toEqual(session.turns.slice(0, 2).map((turn) => turn.text));
  });

  it('are deleted and restored', async () => {
    const turn = session.turns[2]?.id ?? '';
    await call('select', session.id, turn);
    const less = await call('delete', session.id, turn);
    expect(less.turns.some(({ id }) => id === turn)).toBe(false);
    const restored = await call('restore', session.id, turn);
    expect(restored.turns.some(({ id }) => id === turn)).toBe(true);
  });

  it('read standard input', async () => {
    const { id } = await call('create');
    const sent = await llamba(
      ['sessions', 'send', id, '-', '--model', 'one', ...short, '--json'],
      { send: 'from\na pipe', end: true },
      env,
    );
    expect(JSON.parse(sent.out).turns[0].text).toBe('from\na pipe');
  });

  it('stopped with Ctrl-C are kept, and gone on with', async () => {
    const { id } = await call('create');
    let told = false;
    const endless = ['--model', 'endless', '--temperature', '1', '--max-tokens', '1000000'];
    const stopped = await llamba(
      ['sessions', 'send', id, 'Hi', ...endless],
      {
        send: '',
        onOut: (_out, kill) => {
          if (!told) kill('SIGINT');
          told = true;
        },
      },
      env,
    );
    expect(stopped.code).toBe(0);
    const cut = (await call('show', id)).turns.at(-1);
    expect(cut).toMatchObject({ status: 'cut', text: stopped.out.slice(0, -1) });
    const more = (await call('continue', id, ...short)).turns.at(-1);
    expect(more?.id).toBe(cut?.id);
    expect(more?.text.startsWith(cut?.text ?? '')).toBe(true);
    // By tokens: those of a tiny model may be parts of characters, of which nothing is seen.
    expect(more?.stats?.generatedTokens).toBe((cut?.stats?.generatedTokens ?? 0) + 6);
  });
});

describe('sessions', () => {
  const find = async (id: string, ...args: string[]) => {
    const { sessions, folders } = await call<SessionList>('list', ...args);
    return { session: sessions.find((each) => each.id === id), folders };
  };

  it('are named, pinned, put away and moved', async () => {
    const { id } = await begun('Hi');
    await call('rename', id, 'A', 'better', 'name');
    await call('pin', id);
    await call('move', id, 'Letters');
    const { session, folders } = await find(id);
    expect(session).toMatchObject({ title: 'A better name', pinned: true });
    expect(folders.find((folder) => folder.id === session?.folder)?.name).toBe('Letters');
    expect(await text('list')).toMatch(
      new RegExp(`^${id.slice(0, 8)} {2}\\d{4}-.* {2}A better name {2}\\(Letters, pinned\\)$`, 'm'),
    );
    await call('archive', id);
    expect(await text('list')).not.toContain(id.slice(0, 8));
    expect(await text('list', '--archived')).toContain(id.slice(0, 8));
    await call('archive', id, '--off');
    await call('pin', id, '--off');
    await call('folder', 'Letters', '--to', 'Post');
    expect((await find(id)).folders.map(({ name }) => name)).toEqual(['Post']);
    await call('folder', 'Post');
    expect((await find(id)).session).toMatchObject({ folder: null, pinned: false, archived: false });
  });

  it('take system line, preset and sampling', async () => {
    const { id } = await call('create', '--system', 'Be brief.');
    await call('preset', 'Wild', '--system', 'Be wild.', '--temperature', '1.5');
    const set = await call('set', id, '--preset', 'Wild', '--top-k', '7');
    expect(set).toMatchObject({ system: 'Be brief.', preset: 'Wild', sampling: { topK: 7 } });
    expect(await call('set', id, '--system', '', '--preset', '')).toMatchObject({
      system: null,
      preset: null,
    });
    await call('preset', 'Wild');
    expect((await call<SessionList>('list')).presets).toEqual([]);
  });

  it('are found by their words', async () => {
    const { id } = await begun('The quick zebra crosses');
    const [hit] = await call<{ session: string; snippet: { text: string; match: boolean }[] }[]>(
      'search',
      'quick',
      'zeb',
    );
    expect(hit?.session).toBe(id);
    expect(hit?.snippet.filter(({ match }) => match).map((part) => part.text.toLowerCase())).toContain(
      'zebra',
    );
    expect(await text('search', 'zebra')).toContain(id.slice(0, 8));
  });

  it('are deleted, restored and duplicated', async () => {
    const { id, turns } = await begun('Hi');
    expect(await text('delete', id)).toContain(`llamba sessions restore ${id}`);
    expect((await find(id)).session).toBeUndefined();
    await refused('session-not-found', 'show', id);
    expect((await call('restore', id)).turns).toHaveLength(turns.length);
    const twice = await call('duplicate', id);
    expect(twice.id).not.toBe(id);
    expect(twice.turns.map((turn) => turn.text)).toEqual(turns.map((turn) => turn.text));
  });

  it.each(['json', 'llamba'])('go to a %s file and come back whole', async (format) => {
    const { id } = await begun('Out and back 日本語 🦙');
    const whole = await call('reply', id, ...short);
    const file = join(files, `session.${format}`);
    const { bytes, path } = await call<{ bytes: number; path: string }>(
      'export',
      id,
      '--format',
      format,
      '--to',
      file,
    );
    expect(path).toBe(file);
    expect(readFileSync(file)).toHaveLength(bytes);
    const back = await call('import', file);
    expect(back.id).not.toBe(id);
    expect(back.turns.map(({ role, text: words }) => [role, words])).toEqual(
      whole.turns.map(({ role, text: words }) => [role, words]),
    );
    expect(back.turns.at(-1)?.siblings).toHaveLength(2);
    const again = await call('reply', back.id, '--model', 'one', ...short);
    expect(again.turns.at(-1)?.text).toBe(whole.turns.at(-1)?.text);
    // With its states nothing is read; from the text alone all of it is.
    const read = again.turns.at(-1)?.stats?.promptTokens ?? -1;
    if (format === 'llamba') expect(read).toBe(0);
    else expect(read).toBeGreaterThan(0);
    expect(readdirSync(files).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('go to a file named after their title, beside what is there', async () => {
    const { id } = await begun('Named');
    const here = mkdtempSync(join(tmpdir(), 'llamba-here-'));
    for (let i = 0; i < 3; i++) {
      const ended = await llamba(['sessions', 'export', id, '--format', 'json'], undefined, env, here);
      expect(ended).toMatchObject({ code: 0, err: '' });
    }
    expect(readdirSync(here).sort()).toEqual(['Named 2.json', 'Named 3.json', 'Named.json']);
  });

  it('go to standard output as Markdown', async () => {
    const { id, turns } = await begun('Say it');
    const out = await text('export', id, '--format', 'markdown', '--to', '-');
    expect(out).toContain('Say it');
    expect(out).toContain(turns[1]?.text.trim().split('\n')[0]?.slice(0, 3));
  });

  it('have a storage with a budget', async () => {
    await begun('Hi');
    const before = await call<{ checkpointCount: number }>('storage');
    expect(before.checkpointCount).toBeGreaterThan(0);
    expect(await call('budget', '1')).toMatchObject({ checkpointBudgetBytes: 1, checkpointCount: 0 });
    expect(await call('budget', '1.5GiB')).toMatchObject({ checkpointBudgetBytes: 1.5 * 2 ** 30 });
    expect(await text('storage')).toMatch(/^ready\n0 states, 0 bytes of at most 1\.5 GiB\n/);
  });
});

describe('failures', () => {
  it('are one sentence with a hint', async () => {
    const { id } = await call('create');
    await refused('bad-request', 'nope');
    await refused('bad-request', 'show');
    await refused('session-not-found', 'show', 'no-such-session');
    await refused('turn-not-found', 'reply', id, '--model', 'one');
    await refused('bad-request', 'export', id, '--format', 'pdf');
    await refused('bad-request', 'budget', 'much');
    await refused('bad-request', 'folder', 'no such folder');
    await refused('file-unreadable', 'import', join(files, 'missing.llamba'));
    await refused('file-unreadable', 'export', id, '--to', join(files, 'no/such/folder/a.llamba'));
    const foreign = join(files, 'foreign.llamba');
    writeFileSync(foreign, 'nothing of ours');
    await refused('file-invalid', 'import', foreign);
  });
  it('name what an ambiguous beginning may mean', async () => {
    await call('create');
    await call('create');
    expect(await refused('bad-request', 'show', '')).toContain('beginning of');
  });
  it('say that another Llamba has the sessions; what is kept nowhere works', async () => {
    const elsewhere = own();
    const chatting = llamba(
      ['chat', '--model', 'one'],
      {
        send: '',
        onOut: (out, _kill, write) => {
          if (out.endsWith('> ') && !asked) {
            asked = true;
            void ask().finally(() => write('/quit\n'));
          }
        },
      },
      elsewhere,
    );
    let asked = false;
    let listed: Awaited<ReturnType<typeof llamba>> | undefined;
    let ephemeral: Awaited<ReturnType<typeof llamba>> | undefined;
    async function ask() {
      listed = await llamba(['sessions', 'list'], undefined, elsewhere);
      const args = ['chat', '--ephemeral', '--model', 'one', ...short];
      ephemeral = await llamba(args, { send: 'Hi\n', end: true }, elsewhere);
    }
    expect((await chatting).code).toBe(0);
    expect(listed).toMatchObject({ code: 1, out: '' });
    expect(listed?.err).toMatch(/^llamba: .*Another Llamba.*\[busy\]\n {2}\S.+\n$/);
    expect(ephemeral).toMatchObject({ code: 0, err: '' });
  });
  it('has help for each subcommand', async () => {
    expect(await text('--help')).toContain('llamba sessions SUBCOMMAND --help');
    expect(await text('fork', '--help')).toMatch(
      /^usage: llamba sessions fork SESSION \[TURN\] \[options\]\n/,
    );
  });
});
