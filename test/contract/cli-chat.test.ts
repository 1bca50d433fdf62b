import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { greedy, json, llamba } from './llamba.ts';
import { tinyModels } from './tiny-models.ts';

const tiny = { LLAMBA_MODELS: tinyModels() };
const short = ['--model', 'one', '--temperature', '0', '--max-tokens', '4'];

/** Types each line when it is asked for; gives what was answered to each. */
async function talk(args: string[], lines: string[], env: Record<string, string>) {
  const left = [...lines];
  const ended = await llamba(
    ['chat', ...args],
    {
      send: '',
      // A prompt on its own says that the next line is awaited.
      onOut: (all, _kill, write) => {
        const prompts = all.split('> ').length - 1;
        while (left.length > 0 && lines.length - left.length < prompts) write(`${left.shift()}\n`);
      },
    },
    env,
  );
  return { ...ended, answers: ended.out.split('> ').slice(1) };
}

describe('llamba chat', () => {
  it('keeps a conversation and its commands', async () => {
    const { code, out } = await talk(greedy, ['/help', '/nope', 'Hello.', '/retry', '/quit'], {});
    expect(code).toBe(0);
    expect(out).toContain('Ctrl-C stops a reply.');
    expect(out).toContain('There is no /nope.');
  });

  it('answers every line that is piped in, the last without a line end too', async () => {
    const { code, out, err } = await llamba(['chat', '--temperature', '0', '--max-tokens', '2'], {
      send: 'Hello.\n/retry\n/new\nHello.',
      end: true,
    });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const replies = out.split('\n').slice(1, 4);
    expect(new Set(replies.map((line) => line.replace(/^(> )+/, ''))).size).toBe(1);
  });

  it('stops a reply with Ctrl-C and goes on', async () => {
    let stopped = false;
    const { code, out } = await llamba(['chat', '--temperature', '1', '--max-tokens', '100000'], {
      send: 'Write a very long story.\n',
      onOut: (all, kill, write) => {
        if (stopped || !/> \S/.test(all)) return;
        stopped = true;
        kill('SIGINT');
        write('/help\n/quit\n');
      },
    });
    expect(code).toBe(0);
    expect(out).toContain('Ctrl-C stops a reply.');
  });

  it('branches, forks and names what it keeps, and goes on with it later', async () => {
    const env = { ...tiny, LLAMBA_DATA: mkdtempSync(join(tmpdir(), 'llamba-data-')) };
    const lines = ['/retry', 'First words', '/retry', '/edit Other words', '/branches', '/title My title'];
    const first = await talk(short, [...lines, '/fork', '/quit'], env);
    expect(first.code).toBe(0);
    expect(first.err).toMatch(/^llamba: Nothing has been said yet\. \[session-not-found\]\n {2}\S/);
    expect(first.answers[4]).toMatch(/^[\da-f]{8} \[[\da-f]{8}\] {2}Other words\n$/);
    expect(first.answers[5]).toMatch(/^My title {2}\([\da-f]{8}\)\n$/);

    const { sessions } = await json(['sessions', 'list'], env);
    expect(sessions.map(({ title }: { title: string }) => title)).toEqual(['My title', 'My title']);
    const id: string = sessions[1].id; // the fork is the later one
    const turn = first.answers[4]?.slice(0, 8) ?? '';
    const again = await talk(['--session', id.slice(0, 8), ...short], [`/branch ${turn}`, '/quit'], env);
    expect(again.answers[0]).toContain('First words');
    expect((await json(['sessions', 'show', id], env)).turns[0].text).toBe('First words');
  });

  it('leaves no trace of an ephemeral conversation', async () => {
    const data = mkdtempSync(join(tmpdir(), 'llamba-data-'));
    const env = { ...tiny, LLAMBA_DATA: data };
    const { code, err } = await talk(['--ephemeral', ...short], ['Secret', '/new', 'More', '/quit'], env);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect((await json(['sessions', 'list'], env)).sessions).toEqual([]);
    expect(readdirSync(join(data, 'states'))).toEqual([]);
  });
});
