/** Everything that can be done in an ephemeral session, between two looks at files that are not there: marks in a trace. */
import { existsSync } from 'node:fs';
import { createCore } from '../../electron/core/core.ts';
import { spawnEngine } from '../../electron/engine/spawn.ts';
import { talking } from './real-core.ts';

const [data = '', models = '', mark = ''] = process.argv.slice(2);
const core = createCore({
  host: 'cli',
  version: '0',
  models: [{ path: models, embedded: true }],
  data,
  startEngine: () => spawnEngine(),
  loadAtStart: false,
});
await core.load('one');
const rpc = core.connect();
const talk = talking(rpc, { temperature: 1, maxTokens: 100, seed: 7 });
const engine = (await core.ready()).rpc;

existsSync(`${mark}/begin`);
const session = await talk.begin({ ephemeral: true });
const { after } = await talk.send(session, 'A secret of mine');
const first = after.turns[0]?.id ?? '';
await talk.reply(session, first);
const cut = await talk.stopped(session, 'Another secret', 3);
await talk.goOn(session, cut.reply.id);
await rpc.call('turns.edit', { session, turn: cut.reply.id, text: 'My words' });
await rpc.call('sessions.change', {
  session,
  change: { title: 'Secrets', draft: 'Half a sec', system: 'Hush' },
});
await rpc.call('sessions.search', { query: 'secret' });
await rpc.stream('sessions.prepare', { session }, () => undefined);
await rpc.call('sessions.fork', { session, turn: first });
await engine.call('park', {});
await talk.reply(session, first);
await rpc.stream('sessions.export', { session, format: 'llamba' }, () => undefined);
await rpc.call('turns.delete', { session, turn: first });
await rpc.call('sessions.delete', { session });
existsSync(`${mark}/end`);

if (process.argv[5] === 'kept') {
  const kept = await talk.begin();
  await talk.send(kept, 'Nothing special');
}
existsSync(`${mark}/later`);
await core.close();
