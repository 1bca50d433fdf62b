import { describe, expect, it } from 'vitest';
import { greedy, llamba } from './llamba.ts';

describe('llamba chat', () => {
  it('keeps a conversation and its commands', async () => {
    const said: string[] = ['/help\n', '/nope\n', 'Hello.\n', '/retry\n', '/quit\n'];
    const { code, out } = await llamba(['chat', ...greedy], {
      send: '',
      // A prompt on its own says that the next line is awaited.
      onOut: (all, _kill, write) => {
        const prompts = all.split('> ').length - 1;
        while (said.length > 0 && 5 - said.length < prompts) write(said.shift() ?? '');
      },
    });
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
});
