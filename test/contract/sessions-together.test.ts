/** Sessions that write at the same time: each says what it would say alone, and sees no other's state. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import type { Contract } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { type Random, seeded, someWords } from '../user/seeded.ts';
import { greedy, realCore, talking } from './real-core.ts';

let core: Core;
let rpc: Client<Contract>;
let talk: ReturnType<typeof talking>;
beforeAll(async () => {
  core = realCore();
  rpc = core.connect();
  talk = talking(rpc, { ...greedy, maxTokens: 6 });
  await core.ready();
});
afterAll(() => core.close());

type Step =
  | { readonly do: 'send'; readonly text: string }
  | { readonly do: 'reply' | 'continue' | 'edit' | 'fork' };

/** What somebody does in one session, known beforehand. */
function script(random: Random): Step[] {
  const steps: Step[] = [{ do: 'send', text: someWords(random, 5) }];
  while (steps.length < 5) {
    const next = random.pick(['send', 'send', 'reply', 'continue', 'edit', 'fork'] as const);
    steps.push(next === 'send' ? { do: next, text: someWords(random, 5) } : { do: next });
  }
  return steps;
}

/** Every text that came to be. A session that has a title gets no other. */
async function play(steps: readonly Step[], { ephemeral = false, title = '' } = {}): Promise<string[]> {
  let session = await talk.begin({ ephemeral });
  if (title) await rpc.call('sessions.change', { session, change: { title } });
  const said: string[] = [];
  for (const step of steps) {
    const { turns } = await rpc.call('sessions.get', { session });
    const last = turns.at(-1)?.id ?? '';
    if (step.do === 'send') said.push((await talk.send(session, step.text)).reply.text);
    else if (step.do === 'reply') said.push((await talk.reply(session, turns.at(-2)?.id ?? '')).reply.text);
    else if (step.do === 'continue') {
      if (turns.at(-1)?.status === 'cut') said.push((await talk.goOn(session, last)).reply.text);
    } else if (step.do === 'edit') {
      await rpc.call('turns.edit', { session, turn: last, text: 'So it is.' });
    } else {
      session = (await rpc.call('sessions.fork', { session, turn: last })).id;
    }
  }
  return said;
}

it.each([1, 2, 3])(
  'interleaved by seed %i, each of six equals its single run',
  async (seed) => {
    const random = seeded(seed);
    const scripts = Array.from({ length: 6 }, () => script(random));
    // Two say the very same: what one has read must be of no use or harm to the other.
    scripts[5] = scripts[0] as Step[];
    const together = await Promise.all(scripts.map((steps, i) => play(steps, { ephemeral: i % 3 === 1 })));
    expect(together[5]).toEqual(together[0]);
    for (const [i, steps] of scripts.slice(0, 5).entries()) {
      const alone = await play(steps, { title: 'Alone' });
      expect(together[i], `script ${i}: ${JSON.stringify(steps)}`).toEqual(alone);
    }
  },
  120_000,
);

it('their titles are thought of at the same time, and disturb no reply', async () => {
  const questions = ['What is rain?', 'Why do birds sing?', 'How is bread made?', 'Who was Ada Lovelace?'];
  const alone: string[] = [];
  for (const question of questions) {
    const session = await talk.begin();
    await rpc.call('sessions.change', { session, change: { title: 'Named' } });
    alone.push((await talk.send(session, question)).reply.text);
  }
  const sessions = await Promise.all(questions.map(() => talk.begin()));
  const titled = new Set<string>();
  rpc.on('session.changed', ({ id, title }) => {
    const at = sessions.indexOf(id);
    if (at >= 0 && title !== '' && title !== questions[at]) titled.add(id);
  });
  // The second message comes while the first one's title is being thought of.
  const replies = await Promise.all(
    sessions.map(async (session, i) => {
      const { reply } = await talk.send(session, questions[i] ?? '');
      await talk.send(session, 'Go on.');
      return reply.text;
    }),
  );
  expect(replies).toEqual(alone);
  for (const [i, session] of sessions.entries()) {
    const { title } = await rpc.call('sessions.get', { session });
    expect(title).toMatch(/\S/);
    if (!titled.has(session)) expect(title).toBe(questions[i]);
  }
});
